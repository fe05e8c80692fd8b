import { readdirSync, readFileSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))

/** Licences that ask for nothing but their notice. */
const PERMISSIVE = new Set([
  'MIT',
  'ISC',
  'Apache-2.0',
  'BSD-2-Clause',
  'BSD-3-Clause',
  '0BSD',
  'BlueOak-1.0.0',
  'Unlicense',
  // Of argparse.
  'Python-2.0',
  '(MIT OR CC0-1.0)',
])

/** Development dependencies of the applications that are tools or of tests: all else there is bundled into them. */
const TOOLS =
  /^(@types\/|@tidemark\/|ajv$|ajv-|rolldown$|typescript$|vitest$|fast-check$|yaml$|vite$|playwright-core$|axe-core$)/

interface Manifest {
  readonly name: string
  readonly version: string
  readonly license?: string
  readonly private?: boolean
  readonly dependencies?: Readonly<Record<string, string>>
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const readManifest = (folder: string): Manifest =>
  JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))

/** The folder of a dependency, looked up as Node does. */
function findPackage(name: string, from: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    try {
      return realpathSync(join(folder, 'node_modules', name))
    } catch {
      if (dirname(folder) === folder) return undefined
    }
  }
}

/** Everything that comes along with what we publish, through all levels. */
function listShipped(): readonly Manifest[] {
  const found = new Map<string, Manifest>()
  const visit = (name: string, from: string) => {
    const folder = findPackage(name, from)
    if (folder === undefined || found.has(folder)) return
    const manifest = readManifest(folder)
    found.set(folder, manifest)
    for (const next of Object.keys({ ...manifest.dependencies, ...manifest.optionalDependencies }))
      visit(next, folder)
  }
  const published = [
    ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
    'apps/cli',
    'apps/report',
  ]
  for (const path of published) {
    const { dependencies = {}, devDependencies = {} } = readManifest(join(root, path))
    const bundled = path.startsWith('apps/')
      ? Object.keys(devDependencies).filter((name) => !TOOLS.test(name))
      : []
    for (const name of [...Object.keys(dependencies), ...bundled]) visit(name, join(root, path))
  }
  return [...found.values()].filter(({ name }) => !name.startsWith('@tidemark/'))
}

test('what comes along with the published packages has a permissive licence', () => {
  const shipped = listShipped()
  expect(shipped.length).toBeGreaterThan(10)
  expect(
    shipped
      .filter(({ license = '' }) => !PERMISSIVE.has(license))
      .map(({ name, license }) => `${name}: ${license}`),
  ).toEqual([])
})

test('nothing that comes along runs a script when it is installed', () => {
  const hooks = listShipped().filter(
    ({ scripts = {} }) => 'preinstall' in scripts || 'install' in scripts || 'postinstall' in scripts,
  )
  expect(hooks.map(({ name }) => name)).toEqual([])
})

test('docs/licences.md lists them all', async () => {
  const rows = [...new Set(listShipped().map(({ name, license }) => `| ${name} | ${license} |`))].sort()
  const page = [
    '# Licences',
    '',
    'Tidemark is MIT licensed. What comes along with the published packages, installed as a dependency or bundled into the command line, through all levels:',
    '',
    '| package | licence |',
    '| --- | --- |',
    ...rows,
    '',
    '`@tidemark/shadow` and `tidemark` also ship `pg_dump` as WebAssembly, from `@electric-sql/pglite-tools` (Apache-2.0), with its licence beside it; `pg_dump` itself is part of PostgreSQL (PostgreSQL License).',
    '',
  ]
  await expect(page.join('\n')).toMatchFileSnapshot('../docs/licences.md')
})
