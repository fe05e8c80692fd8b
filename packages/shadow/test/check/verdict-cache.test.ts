import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Migration } from '@tidemark/core'
import { beforeEach, expect, onTestFinished, test } from 'vitest'
import { CHECK_PARTS, type CheckOptions, checkMigrations, identifyShadow } from '../../src/index.ts'
import { useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

const server = useServer()

const PROJECT = [
  migrationOf('001_users', { up: 'CREATE TABLE users (id int);', down: 'DROP TABLE users;' }),
  migrationOf('002_left', {
    dependsOn: ['001_users'],
    up: 'ALTER TABLE users ADD COLUMN IF NOT EXISTS age int;',
    down: 'DROP TABLE IF EXISTS nothing;',
  }),
  migrationOf('003_right', {
    dependsOn: ['001_users'],
    up: 'ALTER TABLE users ADD COLUMN IF NOT EXISTS age text;',
    down: 'ALTER TABLE users DROP COLUMN age;',
  }),
]

let opened: number
let folder: string
beforeEach(async () => {
  opened = 0
  const parent = await mkdtemp(join(tmpdir(), 'verdicts-'))
  onTestFinished(() => rm(parent, { recursive: true, force: true }))
  folder = join(parent, 'checks')
})

function check(options: Partial<CheckOptions> & { readonly identity?: string } = {}) {
  const { identity = 'tidemark 1', ...given } = options
  opened = 0
  return checkMigrations({
    migrations: PROJECT,
    parts: ['runs'],
    cache: { folder, identity },
    ...given,
    open(migrations: readonly Migration[]) {
      opened += 1
      return server.open(migrations)
    },
  })
}

test('a second check of the same opens no shadow and gives the same report', async () => {
  const first = await check({ parts: CHECK_PARTS })
  expect(opened).toBeGreaterThan(0)
  expect(first.cached).toBe(false)
  const proofs = first.findings.filter(({ part }) => part !== 'lint')
  expect(proofs.map(({ rule }) => rule)).toEqual([
    'order-differs',
    'down-differs',
    // Its @down drops the column that the other one added.
    'down-loses-data',
    'down-differs',
    'down-then-up-differs',
  ])
  const second = await check({ parts: CHECK_PARTS })
  expect(opened).toBe(0)
  expect(second).toEqual({ ...first, cached: true })
})

test('any change makes it check again', async () => {
  const edited = (up: string) => [
    ...PROJECT.slice(0, 2),
    migrationOf('003_right', { dependsOn: ['001_users'], up }),
  ]
  await check()
  for (const changed of [
    { migrations: edited('SELECT 1;') },
    { migrations: edited('SELECT 1; -- a comment') },
    { migrations: PROJECT.slice(0, 2) },
    { ids: ['002_left'] },
    { parts: ['runs', 'order'] as const },
    { identity: 'tidemark 2' },
    { variables: { app_role: 'web' } },
    { lint: { severities: { rewrite: 'off' as const } } },
    { cache: { folder, identity: 'tidemark 1', mode: 'renew' as const } },
  ]) {
    expect((await check(changed)).cached).toBe(false)
    expect(opened).toBeGreaterThan(0)
  }
})

test('what cannot be executed, and what does not run, is tried again', async () => {
  for (const up of ['CREATE EXTENSION timescaledb;', 'CREAT TABLE x ();']) {
    const migrations = [...PROJECT, migrationOf('004_more', { up })]
    await check({ migrations })
    expect((await check({ migrations })).cached).toBe(false)
  }
})

test('a damaged report is made again, and a folder that cannot be written stops nothing', async () => {
  await check()
  const [name = ''] = await readdir(folder)
  expect((await stat(join(folder, name))).mode & 0o777).toBe(0o600)
  const whole = await readFile(join(folder, name))
  for (const damaged of [whole.subarray(0, whole.length / 2), Buffer.from(''), Buffer.from('{}')]) {
    await writeFile(join(folder, name), damaged)
    expect((await check()).cached).toBe(false)
  }
  expect((await check()).cached).toBe(true)

  await rm(folder, { recursive: true })
  await writeFile(folder, '')
  expect((await check()).cached).toBe(false)
})

test('a folder holds 64 reports', async () => {
  await check({ ids: ['001_users'] })
  const [name = ''] = await readdir(folder)
  const report = await readFile(join(folder, name))
  for (let index = 0; index < 100; index += 1) await writeFile(join(folder, `${index}.report`), report)
  await check({ ids: ['001_users'], parts: ['statements'] })
  expect(await readdir(folder)).toHaveLength(64)
})

test('the identity of a shadow names engine, version, profile and schema, and starts none', async () => {
  const plain = await identifyShadow()
  expect(plain).toMatch(/^pglite\n\S+\nplain\npublic\n/)
  expect(await identifyShadow({ schema: 'ops' })).not.toBe(plain)
  expect(await identifyShadow({ profile: 'supabase' })).not.toBe(plain)
})
