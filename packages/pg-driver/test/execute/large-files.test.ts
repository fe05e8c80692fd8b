import { once } from 'node:events'
import { appendFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunEvent } from '@tidemark/core'
import { createTestDatabase, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createMigrationRunner } from '../../src/create-migration-runner.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'
import { startRunnerProcess } from '../support/runner-process.ts'
import { until } from '../support/server-harness.ts'

let database: TestDatabase
let folder: MigrationFolder
beforeEach(async () => {
  database = await createTestDatabase()
  folder = await createMigrationFolder()
})
afterEach(async () => {
  await database.drop()
  await folder.drop()
})

const ROWS = 40_000
const BODY = 'x'.repeat(450)
const inserts = (from: number, row = (id: number) => `(${id}, '${BODY}')`) =>
  Array.from({ length: ROWS / 100 }, (_, block) => {
    const rows = Array.from({ length: 100 }, (_, index) => row(from + block * 100 + index))
    return `INSERT INTO t VALUES ${rows.join(',\n')};\n`
  }).join('')
const copy = (line = (id: number) => `${id}\t${BODY}`) =>
  `COPY t FROM stdin;\n${Array.from({ length: ROWS }, (_, id) => `${line(id)}\n`).join('')}\\.\n`
const TABLE = 'CREATE TABLE t (id int, body text);\n'

const put = (id: string, text: string) => writeFile(join(folder.path, `${id}.sql`), text)
const run = async (events: RunEvent[] = []) => {
  const runner = createMigrationRunner({ database: database.url, migrations: folder.path })
  return runner.runMigrations({ onEvent: (event) => events.push(event) })
}
const failed = () => run().catch((error: unknown) => error)
const count = async () => (await database.query<{ n: number }>('SELECT count(*)::int AS n FROM t'))[0]?.n

test('a large file is applied in one transaction, recorded, and not applied again', async () => {
  await put(
    '001_large',
    `-- @up\n${TABLE}${inserts(0)}${copy()}SELECT 1;\n-- @verify\nSELECT count(*) = ${2 * ROWS} FROM t;\n`,
  )
  await put('002_next', '-- @up\nALTER TABLE t ADD COLUMN n int;\n')
  const events: RunEvent[] = []
  expect((await run(events)).done).toEqual(['001_large', '002_next'])
  expect(await count()).toBe(2 * ROWS)
  expect((await run()).outcome).toBe('nothing_to_do')
  const [row] = await database.query<{ up_sql: string; status: string }>(
    "SELECT status::text, up_sql FROM schema_migrations WHERE id = '001_large'",
  )
  expect(row?.status).toBe('completed')
  expect(row?.up_sql.length).toBeLessThan(1_200_000)
  expect(row?.up_sql).toMatch(
    /COPY t FROM stdin;\n-- tidemark: \d+ bytes, sha256 [0-9a-f]{64}\n\\\.\nSELECT 1;$/,
  )
  expect(events.filter(({ kind }) => kind === 'step_finished')).toHaveLength(2)
})

test('an error in a large file is located, and nothing of it stays', async () => {
  await put('001_large', `-- @up\n${TABLE}${inserts(0)}${inserts(ROWS)}SELECT 1; SELEC 2;\n`)
  expect(await failed()).toMatchObject({
    code: 'TM5004',
    message: `"001_large" statement ${(2 * ROWS) / 100 + 3} of ${(2 * ROWS) / 100 + 3}: syntax error at or near "SELEC"`,
    location: { line: 2 * ROWS + 3, column: 11 },
    frame: expect.stringContaining(`> ${2 * ROWS + 3} │ SELECT 1; SELEC 2;`),
    details: { databaseState: 'The database is unchanged by "001_large" (rolled back).' },
  })
  expect(await database.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }])
  expect(await database.query('SELECT status::text FROM schema_migrations')).toEqual([{ status: 'failed' }])
})

test('an error in the data of a large file is located in its line', async () => {
  const bad = (id: number) => (id === 30_000 ? `x\t${BODY}` : `${id}\t${BODY}`)
  await put('001_large', `-- @up\n${TABLE}${copy(bad)}`)
  expect(await failed()).toMatchObject({
    code: 'TM5004',
    message: '"001_large" statement 2 of 2: invalid input syntax for type integer: "x"',
    location: { line: 30_004, column: 1 },
    frame: expect.stringContaining('> 30004 │ x\t'),
  })
  await put('001_large', `-- @up\n${TABLE}${copy()}`)
  await run()
  expect(await count()).toBe(ROWS)
})

test('a verify that does not hold takes a large file back', async () => {
  await put('001_large', `-- @up\n${TABLE}${copy()}-- @verify\nSELECT count(*) = 1 FROM t;\n`)
  expect(await failed()).toMatchObject({
    code: 'TM5005',
    message: '"001_large" verify 1 of 1: failed: row 1 is false, not true',
  })
  expect(await database.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }])
})

test('a large file without a transaction is resumed where it stopped', async () => {
  const file = (last: string) =>
    `-- Transaction: none\n-- @up\n${TABLE}${copy()}SET work_mem = '7MB';\n${inserts(0)}${last}\n-- @verify\nSELECT true;\n`
  await put('001_large', file('SELECT 1 / (SELECT count(*) FROM gate);'))
  await database.query('CREATE TABLE gate ()')
  expect(await failed()).toMatchObject({
    code: 'TM5004',
    message: `"001_large" statement ${ROWS / 100 + 4} of ${ROWS / 100 + 4}: division by zero`,
    location: { line: 2 * ROWS + 7, column: 1 },
  })
  expect(await count()).toBe(2 * ROWS)
  await database.query('INSERT INTO gate DEFAULT VALUES')
  await run()
  expect(await count()).toBe(2 * ROWS)
  expect(await database.query('SELECT status::text FROM schema_migrations')).toEqual([
    { status: 'completed' },
  ])
})

test('a large file that changed after a part of it was done is refused, and the help says how to continue', async () => {
  const file = (last: string) => `-- Transaction: none\n-- @up\n${TABLE}${inserts(0)}${last}\n`
  await put('001_large', file('SELECT 1 / 0;'))
  expect(await failed()).toMatchObject({ code: 'TM5004' })
  await put('001_large', file('SELECT 1;'))
  expect(await failed()).toMatchObject({
    diagnostics: [
      expect.objectContaining({
        code: 'TM4010',
        message: `the first ${ROWS / 100 + 1} statements of "001_large" are already done, and the file has changed since`,
        help: 'restore the file (over 16 MiB, only its checksum is compared); to change it, do the rest by hand and run tidemark mark 001_large --as completed; to start over, undo it by hand and run tidemark mark 001_large --as pending',
      }),
    ],
  })
  await put('001_large', file('SELECT 1 / 0;'))
  expect(await failed()).toMatchObject({ code: 'TM5004' })
  expect(await count()).toBe(ROWS)
})

test('rows of a large file that is resumed are not added twice, when it has a temporary table too', async () => {
  const file = `-- Transaction: none\n-- @up\nCREATE TEMP TABLE other (id int);\n${inserts(0)}SELECT 1 / (SELECT count(*) FROM gate);\nINSERT INTO other VALUES (1);\n`
  await put('001_large', file)
  await database.query(`${TABLE}; CREATE TABLE gate ()`)
  expect(await failed()).toMatchObject({ code: 'TM5004' })
  const rows = await count()
  await database.query('INSERT INTO gate DEFAULT VALUES')
  expect(await failed()).toMatchObject({ code: 'TM5021' })
  expect(await count()).toBe(rows)
})

test('a large file that changed after it was applied is refused', async () => {
  await put('001_large', `-- @up\n${TABLE}${copy()}`)
  await run()
  await put('001_large', `-- @up\n${TABLE}${copy()}SELECT 2;\n`)
  expect(await failed()).toMatchObject({
    diagnostics: [expect.objectContaining({ code: 'TM4001', severity: 'error' })],
  })
})

test('a file that is damaged while its data is streamed is reported, and nothing of it stays', async () => {
  await database.query(TABLE)
  const holder = new pg.Client({ connectionString: database.url })
  await holder.connect()
  await holder.query('BEGIN; LOCK TABLE t')
  await put('001_large', `-- @up\n${copy()}`)
  const events: RunEvent[] = []
  const ended = run(events).catch((error: unknown) => error)
  await until(() => events.some(({ kind }) => kind === 'statement_started'))
  await appendFile(join(folder.path, '001_large.sql'), Buffer.from([0xff]))
  await holder.query('COMMIT')
  await holder.end()
  expect(await ended).toMatchObject({ code: 'TM5022' })
  expect(await count()).toBe(0)
})

/** A table that takes its time over each row, while `pace` says so. */
const SLOW_TABLE = `${TABLE}
  CREATE TABLE pace (ms float); INSERT INTO pace VALUES (2);
  CREATE FUNCTION slow() RETURNS trigger LANGUAGE plpgsql AS $$
  BEGIN PERFORM pg_sleep((SELECT ms FROM pace) / 1000); RETURN new; END $$;
  CREATE TRIGGER slow BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION slow()`

test('an interrupt ends the streaming of data, and nothing of it stays', async () => {
  await database.query(SLOW_TABLE)
  await put('001_large', `-- @up\n${copy()}`)
  const controller = new AbortController()
  let seen = 0
  const onEvent = ({ kind }: RunEvent) => {
    if (kind === 'statement_progress') seen += 1
    if (seen === 2) controller.abort()
  }
  const runner = createMigrationRunner({ database: database.url, migrations: folder.path })
  const ended = runner.runMigrations({ onEvent, signal: controller.signal }).catch((error: unknown) => error)
  expect(await ended).toMatchObject({ code: 'TM5008', message: 'interrupted during "001_large"' })
  expect(await count()).toBe(0)
})

test('a runner that is killed while it streams leaves nothing, and the next one applies the file', async () => {
  await database.query(SLOW_TABLE)
  const text = `-- @up\n${copy()}`
  await put('001_large', text)
  const child = await startRunnerProcess(database.url, { '001_large': text })
  const ended = once(child, 'exit')
  const streams = () =>
    database.query(
      'SELECT 1 FROM pg_stat_progress_copy WHERE datname = current_database() AND bytes_processed > 0',
    )
  await until(async () => (await streams()).length > 0)
  child.kill('SIGKILL')
  await ended
  // What the killed runner had sent already is still taken.
  await database.query('UPDATE pace SET ms = 0')
  await database.query('DROP TRIGGER slow ON t')
  expect(await count()).toBe(0)
  expect((await run()).done).toEqual(['001_large'])
  expect(await count()).toBe(ROWS)
})

test('variables have their values in a large file too, and an error is at its place in the file', async () => {
  const filler = inserts(0)
  const end = `INSERT INTO :"tbl" VALUES (1, :'pw');\nSELECT :'pw', nothing FROM :"tbl";\n`
  await put('001_large', `-- Variables: [tbl, pw secret]\n-- @up\n${TABLE}${filler}${end}`)
  const variables = { tbl: 't', pw: 'a rather long s3cret' }
  const start = () =>
    createMigrationRunner({ database: database.url, migrations: folder.path, variables }).runMigrations()
  const line = 3 + filler.split('\n').length + 1
  const error = await start().catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ code: 'TM5004', location: { line, column: 15 } })
  await put(
    '001_large',
    `-- Variables: [tbl, pw secret]\n-- @up\n${TABLE}${filler}${end.replace(', nothing', '')}`,
  )
  await start()
  expect(await database.query('SELECT body FROM t WHERE body LIKE $$a%$$')).toEqual([{ body: variables.pw }])
  const [row] = await database.query<{ text: string }>('SELECT m::text AS text FROM schema_migrations m')
  expect(row?.text).not.toContain('s3cret')
  expect(row?.text).toContain(`VALUES (1, :'pw')`)
})

test('a large file that changed the tracking tables is reported as that, at its statement', async () => {
  const loop = `DO $$ DECLARE r record; BEGIN
  FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' LOOP
    EXECUTE format('CREATE TRIGGER keep BEFORE INSERT OR UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION keep()', r.tablename);
  END LOOP;
END $$;
`
  const keep =
    "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN RAISE 'immutable'; END $f$;\n"
  await put('001_large', `-- @up\n${TABLE}${keep}${inserts(0)}${copy()}${loop}SELECT 1;\n`)
  expect(await failed()).toMatchObject({
    code: 'TM5015',
    message: expect.stringContaining('trigger keep on public.schema_migrations'),
    frame: expect.stringContaining('DO $$ DECLARE r record'),
    details: { databaseState: 'The database is unchanged by "001_large" (rolled back).', attempts: 1 },
  })
  expect(await database.query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }])
})
