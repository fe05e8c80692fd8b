import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'tidemark-packages-'))
const shell = process.platform === 'win32'

interface Manifest {
  readonly name: string
  readonly version: string
  readonly private?: boolean
  readonly exports?: Readonly<Record<string, unknown>>
  readonly publishConfig?: { readonly exports?: Readonly<Record<string, unknown>> }
  readonly dependencies?: Readonly<Record<string, string>>
  readonly scripts?: Readonly<Record<string, string>>
}

const readManifest = (path: string): Manifest =>
  JSON.parse(readFileSync(join(root, path, 'package.json'), 'utf8'))
const libraries = readdirSync(join(root, 'packages')).map((name) => `packages/${name}`)
const published = [...libraries, 'apps/cli'].filter((path) => readManifest(path).private !== true)
const archiveOf = (path: string) => {
  const { name, version } = readManifest(path)
  return join(folder, `${name.replace('@', '').replace('/', '-')}-${version}.tgz`)
}

function run(command: string, args: readonly string[], cwd = root): string {
  return execFileSync(command, [...args], { cwd, encoding: 'utf8', shell, stdio: ['ignore', 'pipe', 'pipe'] })
}

/** Entry points that are files and no modules, such as `./supabase-profile.sql`. */
const isModule = (key: string) => !/\.(json|sql)$/.test(key)

function assets(path: string): readonly string[] {
  const keys = Object.keys(readManifest(path).exports ?? {}).filter((key) => !isModule(key))
  return keys.length === 0 ? [] : ['--exclude-entrypoints', ...keys]
}

beforeAll(() => {
  for (const path of published) run('pnpm', ['pack', '--pack-destination', folder], join(root, path))
}, 120_000)
afterAll(() => rmSync(folder, { recursive: true, force: true }))

describe.each(published)('%s as packed', (path) => {
  test('passes publint', () => {
    const { status, stdout, stderr } = spawnSync(
      'pnpm',
      ['exec', 'publint', 'run', archiveOf(path), '--strict'],
      {
        cwd: root,
        encoding: 'utf8',
        shell,
      },
    )
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
  })

  test.skipIf(path === 'apps/cli')('gives right types to ESM programs', () => {
    const { status, stdout, stderr } = spawnSync(
      'pnpm',
      ['exec', 'attw', archiveOf(path), '--profile', 'esm-only', ...assets(path)],
      {
        cwd: root,
        encoding: 'utf8',
        shell,
      },
    )
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' })
  })

  test('has no source condition, no workspace reference, no install script and no test', () => {
    const files = run('tar', ['-tzf', archiveOf(path)]).split('\n')
    const manifest = run('tar', ['-xzOf', archiveOf(path), 'package/package.json'])
    const { scripts = {}, exports = {} }: Manifest = JSON.parse(manifest)
    expect(JSON.stringify(exports)).not.toContain('@tidemark/source')
    expect(/"(workspace|catalog):/.test(manifest.replace(/"devDependencies": \{[^}]*\}/, ''))).toBe(false)
    expect(Object.keys(scripts).filter((name) => /install/.test(name))).toEqual([])
    expect(files.filter((file) => /\.test\.|\/test\/|tsbuildinfo/.test(file))).toEqual([])
    expect(files.filter((file) => file === 'package/LICENSE' || file === 'package/README.md')).toHaveLength(2)
  })
})

test('the libraries install together and are importable by their names', () => {
  const project = join(folder, 'consumer')
  mkdirSync(project)
  writeFileSync(join(project, 'package.json'), '{ "private": true, "type": "module" }\n')
  const archives = libraries.map(archiveOf)
  run(
    'npm',
    [
      'install',
      '--no-audit',
      '--no-fund',
      '--loglevel=error',
      ...archives,
      'express@5',
      'fastify@5',
      'hono@4',
    ],
    project,
  )
  const names = libraries.flatMap((path) => {
    const { name, publishConfig } = readManifest(path)
    const exports = publishConfig?.exports ?? {}
    return Object.keys(exports)
      .filter(isModule)
      .map((key) => name + key.slice(1))
  })
  writeFileSync(
    join(project, 'main.js'),
    `for (const name of ${JSON.stringify(names)}) if (Object.keys(await import(name)).length === 0) throw new Error(name)\n`,
  )
  expect(run(process.execPath, ['main.js'], project)).toBe('')
}, 300_000)

test('the command line installs globally into an empty prefix and works in an empty folder', () => {
  const prefix = join(folder, 'prefix')
  const project = join(folder, 'empty')
  mkdirSync(prefix)
  mkdirSync(join(project, 'migrations'), { recursive: true })
  run('npm', [
    'install',
    '--global',
    '--prefix',
    prefix,
    '--no-audit',
    '--no-fund',
    '--loglevel=error',
    archiveOf('apps/cli'),
  ])
  writeFileSync(
    join(project, 'migrations', '001_create_notes.sql'),
    '-- @up\nCREATE TABLE notes (body text);\n',
  )
  const tidemark = shell ? join(prefix, 'tidemark.cmd') : join(prefix, 'bin', 'tidemark')
  const env = { PATH: `${join(process.execPath, '..')}:/usr/bin:/bin`, HOME: project, NO_COLOR: '1' }
  const call = (...args: string[]) => {
    const { status, stdout, stderr } = spawnSync(tidemark, args, {
      cwd: project,
      encoding: 'utf8',
      env,
      shell,
    })
    return { status, stdout, stderr }
  }
  expect(call('--version').stdout).toContain(readManifest('apps/cli').version)
  const applied = call('up', '--database-url', 'pglite:.tidemark/db')
  expect({ status: applied.status, stderr: applied.status === 0 ? '' : applied.stderr }).toEqual({
    status: 0,
    stderr: '',
  })
  const { status, stdout } = call('status', '--database-url', 'pglite:.tidemark/db', '--json')
  expect(status).toBe(0)
  expect(JSON.parse(stdout)).toMatchObject({ migrations: [{ id: '001_create_notes', state: 'applied' }] })
}, 300_000)
