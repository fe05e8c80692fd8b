import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const root = fileURLToPath(new URL('..', import.meta.url))
const read = (path: string) => readFileSync(join(root, path), 'utf8')
const released = [
  ...readdirSync(join(root, 'packages')).map((name) => `packages/${name}`),
  'apps/cli',
].filter((path) => existsSync(join(root, path, 'CHANGELOG.md')))

test('what was released has one version, a changelog that names it, and ships the changelog', () => {
  const { version } = JSON.parse(read('apps/cli/package.json'))
  expect(released.length).toBeGreaterThan(1)
  for (const path of released) {
    const manifest = JSON.parse(read(`${path}/package.json`))
    expect({ path, version: manifest.version }).toEqual({ path, version })
    expect(manifest.files).toContain('CHANGELOG.md')
    expect(read(`${path}/CHANGELOG.md`)).toContain(`\n## ${version}\n`)
  }
})

test('a range of a peer of ours takes later minor versions, so that none makes a major one', () => {
  const { peerDependencies } = JSON.parse(read('packages/gate/package.json'))
  expect(peerDependencies['@tidemark/pg-driver']).toBe('workspace:>=0.1.0 <1.0.0')
})
