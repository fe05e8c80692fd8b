import { existsSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Migration, MigrationRunner, parseMigration, savePlan } from '@tidemark/core'
import { afterEach, expect, test } from 'vitest'
import { createEmbeddedDatabase, type EmbeddedDatabase } from '../src/index.ts'

const opened: EmbeddedDatabase[] = []
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close()
})

function memory(): EmbeddedDatabase {
  const database = createEmbeddedDatabase({ database: 'pglite:memory' })
  opened.push(database)
  return database
}

function runnerOver(database: EmbeddedDatabase, files: Readonly<Record<string, string>>): MigrationRunner {
  const migrations = Object.entries(files).map(([id, sql]) => parse(id, sql))
  return new MigrationRunner({
    database,
    migrations: { readMigrations: async () => ({ ok: true, value: { migrations, notes: [] } }) },
    lockWaitMs: 5000,
    executedBy: 'ada@laptop',
    toolVersion: '0.0.0',
    newRunId: () => crypto.randomUUID(),
  })
}

function parse(id: string, sql: string): Migration {
  const text = `-- Migration: ${id}\n-- Description: d\n-- Type: custom_sql\n-- Depends on: []\n\n${sql}`
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new TypeError(JSON.stringify(parsed.error.map(({ message }) => message)))
  return parsed.value.migration
}

test('applies, knows it the next time, and rolls back', async () => {
  const database = memory()
  const runner = runnerOver(database, {
    '001_a':
      '-- @up\nCREATE EXTENSION "uuid-ossp";\nCREATE TABLE a (id uuid DEFAULT uuid_generate_v4());\n-- @down\nDROP TABLE a;\nDROP EXTENSION "uuid-ossp";\n',
    '002_b':
      '-- @up\nCREATE TABLE b (n int);\nCOPY b FROM stdin;\n1\n2\n\\.\n-- @down\nDROP TABLE b;\n-- @verify\nSELECT count(*) = 2 FROM b;\n',
  })
  expect(await runner.runMigrations()).toMatchObject({ outcome: 'done', done: ['001_a', '002_b'] })
  expect(await runner.runMigrations()).toMatchObject({ outcome: 'nothing_to_do', done: [] })
  expect((await runner.status()).pending).toEqual([])
  expect(await runner.rollBack()).toMatchObject({ outcome: 'done', done: ['002_b'] })
  expect((await runner.status()).pending).toEqual(['002_b'])
  const connection = await database.connect('test')
  expect(
    (await connection.query("SELECT to_regclass('a')::text AS a, to_regclass('b')::text AS b")).rows,
  ).toEqual([{ a: 'a', b: null }])
  await connection.close()
})

test('an extension that PGlite does not ship refuses the run before anything is applied', async () => {
  const database = memory()
  const runner = runnerOver(database, {
    '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n',
    '002_net':
      '-- @up\n-- why\nCREATE EXTENSION IF NOT EXISTS "pg_net" WITH SCHEMA public;\n-- @down\nDROP EXTENSION pg_net;\n',
  })
  await expect(runner.runMigrations()).rejects.toMatchObject({
    code: 'TM5032',
    message: 'the embedded database has no extension "pg_net"',
    help: expect.stringMatching(
      /^"pg_net" needs a server that has it, .* it has amcheck, autoinc, .*, uuid-ossp$/,
    ),
  })
  expect((await runner.status()).pending).toEqual(['001_a', '002_net'])
})

test('two runs at once apply each migration once', async () => {
  const database = memory()
  const files = { '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n' }
  const results = await Promise.all([1, 2, 3].map(() => runnerOver(database, files).runMigrations()))
  expect(results.map(({ done }) => done.length).toSorted()).toEqual([0, 0, 1])
})

test('an interrupted run in a directory is rolled back, and the next one goes on', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
  const database = createEmbeddedDatabase({ database: `pglite:${path}` })
  const slow =
    '-- @up\nCREATE TABLE b ();\nSELECT count(*) FROM generate_series(1, 100000000000);\n-- @down\nDROP TABLE b;\n'
  const first = '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n'
  const interrupt = new AbortController()
  await expect(
    runnerOver(database, { '001_a': first, '002_b': slow }).runMigrations({
      signal: interrupt.signal,
      onEvent: (event) => {
        if (event.kind === 'statement_started' && event.id === '002_b' && event.index === 1) interrupt.abort()
      },
    }),
  ).rejects.toMatchObject({ code: 'TM5008', details: { applied: ['001_a'] } })
  const next = runnerOver(database, {
    '001_a': first,
    '002_b': '-- @up\nCREATE TABLE b ();\n-- @down\nDROP TABLE b;\n',
  })
  expect(await next.runMigrations()).toMatchObject({ outcome: 'done', done: ['002_b'] })
  await rm(path, { recursive: true, force: true })
})

test('statement_timeout ends the run with what the database says, and what was applied before stays', async () => {
  const path = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
  const database = createEmbeddedDatabase({ database: `pglite:${path}`, statementTimeout: '3s' })
  const runner = runnerOver(database, {
    '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n',
    '002_b': '-- @up\nSELECT count(*) FROM generate_series(1, 100000000000);\n-- @down\nSELECT 1;\n',
  })
  await expect(runner.runMigrations()).rejects.toMatchObject({
    code: 'TM5004',
    message: '"002_b" statement 1 of 1: canceling statement due to statement timeout',
    help: 'statementTimeout is 3s in the configuration: raise it, or write "-- Statement timeout: …" in the header',
    location: { path: 'migrations/002_b.sql', line: 7, column: 1 },
    details: {
      sqlState: '57014',
      applied: ['001_a'],
      failed: ['002_b'],
      databaseState: 'The database is unchanged by "002_b" (rolled back). 001_a is done.',
    },
  })
  expect((await runner.status()).pending).toEqual(['002_b'])
  expect((await runner.history({ id: '002_b' })).attempts).toMatchObject([
    {
      status: 'failed',
      errorMessage: '"002_b" statement 1 of 1: canceling statement due to statement timeout',
    },
  ])
  await rm(path, { recursive: true, force: true })
})

test('a block that tolerates a missing extension applies', async () => {
  const runner = runnerOver(memory(), {
    '001_net':
      '-- @up\nDO $$ BEGIN\n  CREATE EXTENSION pg_net;\nEXCEPTION WHEN feature_not_supported THEN NULL;\nEND $$;\n-- @down\nSELECT 1;\n',
  })
  expect((await runner.runMigrations()).done).toEqual(['001_net'])
})

test('I9: looking at a directory that is missing or empty makes no database, and what is applied then is seen', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
  const missing = join(parent, 'a', 'db')
  const files = { '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n' }
  for (const path of [missing, parent]) {
    const runner = runnerOver(createEmbeddedDatabase({ database: `pglite:${path}` }), files)
    expect((await runner.status()).pending).toEqual(['001_a'])
    expect(await readdir(parent)).toEqual([])
  }
  const runner = runnerOver(createEmbeddedDatabase({ database: `pglite:${missing}` }), files)
  const plan = savePlan(await runner.createMigrationPlan(), (await runner.status()).target)
  expect((await runner.runMigrations({ plan })).done).toEqual(['001_a'])
  expect((await runner.status()).pending).toEqual([])
  await rm(parent, { recursive: true, force: true })
})

test('a path that can hold no database is refused with its reason', async () => {
  const parent = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
  const path = join(parent, 'file')
  await writeFile(path, '')
  const runner = runnerOver(createEmbeddedDatabase({ database: `pglite:${path}` }), {})
  for (const act of [() => runner.status(), () => runner.runMigrations()]) {
    await expect(act()).rejects.toMatchObject({
      code: 'TM5031',
      message: `"${path}" cannot be a data directory: EEXIST: file already exists, mkdir '${path}'`,
    })
  }
  await rm(parent, { recursive: true, force: true })
})

test.skipIf(!existsSync('/proc/self'))(
  'a file system that denies what is there is refused, without a hang',
  async () => {
    const runner = runnerOver(createEmbeddedDatabase({ database: 'pglite:/proc/nope' }), {})
    await expect(runner.runMigrations()).rejects.toMatchObject({
      code: 'TM5031',
      message: `"/proc/nope" cannot be a data directory: ENOENT: no such file or directory, mkdir '/proc/nope'`,
    })
  },
)
