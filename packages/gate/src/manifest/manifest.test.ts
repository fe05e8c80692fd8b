import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, parseMigration } from '@tidemark/core'
import * as fc from 'fast-check'
import { expect, test } from 'vitest'
import { entry, manifestOf } from '../../test/index.ts'
import { formatManifest } from './format-manifest.ts'
import { createManifest, digestManifest, forEnvironment, type ManifestEntry } from './manifest.ts'
import { readManifest } from './read-manifest.ts'

function parse(id: string, text: string): Migration {
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

const users = parse('001_users', '-- @up\nCREATE TABLE users (id int);\n')
const views = parse(
  '002_views',
  '-- Depends on: [001_users]\n-- Run: on_change\n-- Blocking: false\n-- @up\nSELECT 1;\n',
)
const squash = parse('010_squash', '-- Replaces: [001_users]\n-- @up\nSELECT 1;\n')

test('a manifest holds ids, checksums and what a gate must know, in the order of the graph', () => {
  const made = createManifest([views, users])
  const migrations: ManifestEntry[] = [
    { id: '001_users', checksum: users.checksum, blocking: true, run: 'once', replaces: [] },
    { id: '002_views', checksum: views.checksum, blocking: false, run: 'on_change', replaces: [] },
  ]
  expect(made).toEqual({
    ok: true,
    value: { formatVersion: 1, digest: digestManifest(migrations), migrations },
  })
})

test('a squash beside what it replaces is left out, and alone it names what it replaces', () => {
  const beside = createManifest([users, squash])
  const alone = createManifest([squash])
  expect(beside.ok && beside.value.migrations.map(({ id }) => id)).toEqual(['001_users'])
  expect(alone.ok && alone.value.migrations).toEqual([
    { id: '010_squash', checksum: squash.checksum, blocking: true, run: 'once', replaces: ['001_users'] },
  ])
})

test('migrations that do not fit together give every problem and no manifest', () => {
  const made = createManifest([parse('002_b', '-- Depends on: [001_a]\n-- @up\nSELECT 1;\n')])
  expect(made.ok ? [] : made.error.map(({ code }) => code)).toEqual(['TM2002'])
})

const arbitraryManifest = fc
  .uniqueArray(fc.stringMatching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,20}$/), { maxLength: 8 })
  .map((ids) =>
    manifestOf(
      ...ids.map((id, index) => entry(id, { blocking: index % 2 === 0, replaces: ids.slice(0, index % 3) })),
    ),
  )

test('what is written as JSON or as a module is read back as it was', () => {
  fc.assert(
    fc.property(arbitraryManifest, (manifest) => {
      const json = formatManifest(manifest, 'json')
      const body = formatManifest(manifest, 'ts').split('export const manifest: Manifest = ')[1] ?? ''
      expect(readManifest(JSON.parse(json), 'it')).toEqual(manifest)
      expect(readManifest(JSON.parse(body), 'it')).toEqual(manifest)
      expect(json.endsWith('}\n') && !json.endsWith('\n\n')).toBe(true)
    }),
  )
})

test('one migration is one line, so that a diff shows what was added', () => {
  const before = formatManifest(manifestOf(entry('001_a')), 'json').split('\n')
  const after = formatManifest(manifestOf(entry('001_a'), entry('002_b')), 'json').split('\n')
  expect(after.length - before.length).toBe(1)
  expect(formatManifest(manifestOf(), 'json')).toContain('"migrations": []')
})

test('the digest depends on everything but the order', () => {
  const [a, b] = [entry('001_a'), entry('002_b')]
  expect(digestManifest([a, b])).toBe(digestManifest([b, a]))
  const others = [
    [a],
    [a, { ...b, blocking: false }],
    [a, { ...b, run: 'on_change' as const }],
    [a, { ...b, replaces: ['000'] }],
    [a, { ...b, checksum: 'f'.repeat(64) }],
  ]
  expect(new Set([[a, b], ...others].map(digestManifest)).size).toBe(6)
})

const good = manifestOf(entry('001_a'))

test.each([
  [
    'nothing',
    null,
    'TM7060',
    'schema.json is not a manifest of Tidemark: Invalid input: expected object, received null',
  ],
  [
    'another format',
    { ...good, formatVersion: 2 },
    'TM7061',
    'schema.json has manifest format 2; this version reads format 1',
  ],
  [
    'an edited list',
    { ...good, migrations: [] },
    'TM7060',
    'schema.json is not a manifest of Tidemark: its digest does not match its migrations',
  ],
  [
    'no version',
    { migrations: [], digest: '' },
    'TM7060',
    'schema.json is not a manifest of Tidemark: formatVersion: Invalid input: expected 1',
  ],
])('%s is refused with its code', (_name, value, code, message) => {
  expect(() => readManifest(value, 'schema.json')).toThrow(expect.objectContaining({ code, message }))
})

test('a wrong entry is named by its place', () => {
  const wrong = { ...good, migrations: [{ ...entry('001_a'), checksum: 'abc' }] }
  expect(() => readManifest(wrong, 'schema.json')).toThrow(/migrations\.0\.checksum: /)
})

test('a manifest is read from a file too', async () => {
  const { createGate } = await import('../gate.ts')
  const path = join(mkdtempSync(join(tmpdir(), 'gate-manifest-')), 'schema.json')
  writeFileSync(path, formatManifest(good, 'json'))
  const database = { query: () => Promise.resolve({ rows: [] }) }
  const gate = createGate({ database, migrations: path })
  await gate.whenOpen()
  await gate.stop()
  writeFileSync(path, '{ not JSON')
  expect(() => createGate({ database, migrations: path })).toThrow(
    expect.objectContaining({ code: 'TM7062' }),
  )
})

const seed = parse(
  '002_seed',
  '-- Depends on: [001_users]\n-- Environments: [development, test]\n-- @up\nSELECT 1;\n',
)

test('a manifest holds the files of all environments, and may name its own', () => {
  const made = createManifest([users, seed])
  const named = createManifest([users, seed], { environment: 'test' })
  if (!made.ok || !named.ok) throw new Error('no manifest')
  expect(made.value.migrations[1]).toMatchObject({ id: '002_seed', environments: ['development', 'test'] })
  expect(named.value).toMatchObject({ environment: 'test', migrations: made.value.migrations })
  expect(new Set([made, named].map(({ value }) => value.digest)).size).toBe(2)
  for (const { value } of [made, named]) {
    expect(readManifest(JSON.parse(formatManifest(value, 'json')), 'it')).toEqual(value)
  }
  expect(() => readManifest({ ...named.value, environment: 'production' }, 'it')).toThrow('its digest')
})

test('of a manifest only what is for the environment counts: the gate names it, or the manifest', () => {
  const made = createManifest([users, seed])
  const named = createManifest([users, seed], { environment: 'test' })
  if (!made.ok || !named.ok) throw new Error('no manifest')
  const count = (manifest: typeof made.value, environment?: string) =>
    forEnvironment(manifest, environment).migrations.length
  expect([count(made.value), count(made.value, 'production'), count(made.value, 'development')]).toEqual([
    1, 1, 2,
  ])
  expect([count(named.value), count(named.value, 'production')]).toEqual([2, 1])
})
