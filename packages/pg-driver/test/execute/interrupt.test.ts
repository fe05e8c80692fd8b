import type { Socket } from 'node:net'
import { sharedServerUrl } from '@tidemark/test-servers'
import { afterEach, expect, test } from 'vitest'
import { lockKey } from '../../src/lock/lock-key.ts'
import { startRelay } from '../support/relay.ts'
import { startRunnerProcess } from '../support/runner-process.ts'
import { createServerHarness, type ServerHarness, sessionsRunning, until } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
const start = async (...options: Parameters<typeof createServerHarness>) => {
  harness = await createServerHarness(...options)
  return harness
}
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

const SLEEP = 'SELECT pg_sleep(600)'
const isAsleep = async (h: ServerHarness) => (await sessionsRunning(h, SLEEP)).length > 0

test('an interrupt ends the statement, rolls back, frees the lock and writes the history', async () => {
  const h = await start({
    '001_a': 'CREATE TABLE a (id int);',
    '002_slow': 'CREATE TABLE b (id int);\nSELECT pg_sleep(600);\nCREATE TABLE c (id int);',
    '003_d': 'CREATE TABLE d (id int);',
  })
  const controller = new AbortController()
  const run = h.fail({}, { signal: controller.signal })
  await until(() => isAsleep(h))
  controller.abort()
  expect(await run).toMatchObject({
    code: 'TM5008',
    message: 'interrupted during "002_slow"',
    details: {
      applied: ['001_a'],
      migration: '002_slow',
      databaseState: 'The database is unchanged by "002_slow" (rolled back).',
    },
  })
  expect(await isAsleep(h)).toBe(false)
  expect(await h.rows()).toEqual(['001_a completed', '002_slow failed', '003_d pending'])
  expect(
    await h.database.query(
      "SELECT status, error_message FROM migration_history WHERE migration_id = '002_slow'",
    ),
  ).toEqual([{ status: 'failed', error_message: 'interrupted during "002_slow"' }])
  expect(await h.database.query('SELECT last_migration FROM database_schema')).toEqual([
    { last_migration: '001_a' },
  ])
  h.files = { ...h.files, '002_slow': 'CREATE TABLE b (id int);' }
  expect((await h.up()).done).toEqual(['002_slow', '003_d'])
})

test('an interrupt while waiting for the run lock ends the wait, and nothing was done', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  const holder = await h.connect()
  await holder.query(`SELECT pg_advisory_lock(${lockKey('public')})`)
  const controller = new AbortController()
  const run = h.fail({}, { signal: controller.signal })
  await until(() => h.events.some((event) => event.kind === 'lock_waiting'))
  controller.abort()
  expect(await run).toMatchObject({ code: 'TM5008', details: { applied: [] } })
  expect(await h.has('schema_migrations')).toBe(false)
})

test('an interrupt between two tries of a migration ends the run', async () => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const reader = await h.connect()
  await reader.query('BEGIN; SELECT * FROM a')
  h.files = { ...h.files, '002_b': 'ALTER TABLE a ADD b int;' }
  const controller = new AbortController()
  const run = h.fail({ lockTimeoutMs: 100 }, { signal: controller.signal })
  await until(() => h.events.some((event) => event.kind === 'step_retry'))
  controller.abort()
  expect(await run).toMatchObject({ code: 'TM5008', details: { applied: [] } })
})

test('a signal that was given before the run starts nothing', async () => {
  const h = await start({ '001_a': 'SELECT 1;' })
  expect((await h.fail({}, { signal: AbortSignal.abort() })).code).toBe('TM5008')
})

test('I2: a server process that is ended from outside leaves the migration simply not applied', async () => {
  const h = await start({
    '001_slow': 'CREATE TABLE a (id int); SELECT pg_sleep(600);',
    '002_b': 'SELECT 1;',
  })
  const run = h.fail()
  await until(() => isAsleep(h))
  const [sleeper] = await sessionsRunning(h, SLEEP)
  await h.database.query(`SELECT pg_terminate_backend(${sleeper})`)
  expect(await run).toMatchObject({
    code: 'TM5007',
    message: expect.stringMatching(/^the connection was lost during "001_slow": /),
    details: { applied: [], failed: ['001_slow'] },
  })
  expect(await h.rows()).toEqual(['001_slow failed', '002_b pending'])
  h.files = { '001_slow': 'CREATE TABLE a (id int);', '002_b': 'SELECT 1;' }
  expect((await h.up()).done).toEqual(['001_slow', '002_b'])
})

test.each(['before the server has it', 'after the server has it'])(
  'I2: a connection cut during COMMIT, %s: the record says what happened',
  async (moment) => {
    let cut: Socket | undefined
    let answered = ''
    const relay = await startRelay(sharedServerUrl(), {
      fromClient(data, { client, server }) {
        if (cut !== undefined || !data.includes("E'001_a'") || !data.includes('COMMIT')) return 'pass'
        cut = client
        if (moment.startsWith('after')) server.write(data)
        else client.destroy()
        return 'hold'
      },
      // What the server answers does not arrive; both ends see the connection close.
      fromServer(data, { client }) {
        if (client !== cut) return 'pass'
        answered += data.toString('latin1')
        if (answered.includes('COMMIT')) client.destroy()
        return 'hold'
      },
    })
    const h = await start(
      { '001_a': 'CREATE TABLE a (id int);', '002_b': 'CREATE TABLE b (id int);' },
      relay.url,
    )
    const error = await h.fail()
    await relay.close()
    expect(error.code).toBe('TM5007')
    const completed = (await h.rows()).flatMap((row) => (row.endsWith(' completed') ? row.split(' ')[0] : []))
    expect(error.details['applied']).toEqual(completed)
    expect(completed.includes('001_a')).toBe(moment.startsWith('after'))
    expect(await h.has('a')).toBe(moment.startsWith('after'))
  },
)

test('I2: kill -9 of the client in a statement: the next run gets the lock long before the statement would have ended', async () => {
  const h = await start({ '001_slow': 'CREATE TABLE a (id int); SELECT pg_sleep(600);' })
  const child = await startRunnerProcess(h.server.url, {
    '001_slow': 'CREATE TABLE a (id int); SELECT pg_sleep(600);',
  })
  await until(() => isAsleep(h))
  child.kill('SIGKILL')
  h.files = { '001_slow': 'CREATE TABLE a (id int);' }
  const result = await h.runner({}, { lockWaitMs: 120_000 }).runMigrations()
  expect(result.done).toEqual(['001_slow'])
})

// Also when nothing else is to be done, the run that follows writes the summary that the cut prevented.
test.each([
  ['preparing the tracking tables', '', 'insert into "public"."schema_migrations"', []],
  ['reading the tracking tables', 'tidemark.xid', '"schema_migrations"', ['001_a']],
  ['finishing the run', 'tidemark.xid', 'pg_notify', ['001_a']],
])(
  'a connection cut while %s is TM5007 with what was applied, and no crash',
  async (doing, first, word, applied) => {
    let isNear = first === ''
    let isCut = false
    const relay = await startRelay(sharedServerUrl(), {
      fromClient(data, { client }) {
        const isNow = isNear && !isCut && !data.includes('COMMIT') && data.includes(word)
        isNear ||= data.includes(first)
        if (!isNow) return 'pass'
        isCut = true
        client.destroy()
        return 'hold'
      },
    })
    const h = await start({ '001_a': 'CREATE TABLE a (id int);' }, relay.url)
    const error = await h.fail()
    await relay.close()
    expect(error).toMatchObject({
      code: 'TM5007',
      message: `the connection was lost while ${doing}: Connection terminated unexpectedly`,
    })
    expect(error.details['applied'] ?? []).toEqual(applied)
    expect(await h.has('a')).toBe(applied.length > 0)
  },
)

// A stage, and what it leaves: nothing, the registered files, or all that had committed.
test.each([
  ['connected', 'interrupted before waiting for the run lock', []],
  ['lock_acquired', 'interrupted before preparing the tracking tables', []],
  ['planned', 'interrupted', ['001_a pending']],
  [
    'step_finished',
    expect.stringMatching(/^interrupted( before reading the tracking tables)?$/),
    ['001_a completed'],
  ],
])('an interrupt at "%s" is TM5008, and nothing is begun after it', async (kind, message, rows) => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  const controller = new AbortController()
  const error = await h
    .runner()
    .runMigrations({
      signal: controller.signal,
      onEvent: (event) => event.kind === kind && controller.abort(),
    })
    .catch((thrown: unknown) => thrown)
  const applied = rows.flatMap((row) => (row.endsWith('completed') ? [row.split(' ')[0]] : []))
  expect(error).toMatchObject({ code: 'TM5008', message, details: { applied } })
  expect(await h.has('schema_migrations')).toBe(rows.length > 0)
  if (rows.length > 0) expect(await h.rows()).toEqual(rows)
  if (applied.length === 0) return
  expect(await h.database.query('SELECT applied_migrations FROM database_schema')).toEqual([
    { applied_migrations: applied },
  ])
})

const WAITING =
  'SELECT 1 FROM pg_stat_activity WHERE wait_event_type = $$Lock$$ AND datname = current_database()'

test.each([
  ['status', 'reading the tracking tables'],
  ['createMigrationPlan', 'reading the tracking tables'],
  ['verify', 'reading the tracking tables'],
  ['runMigrations', 'preparing the tracking tables'],
] as const)('an interrupt ends %s although somebody holds the tracking tables', async (method, doing) => {
  const h = await start({ '001_a': 'CREATE TABLE a (id int);' })
  await h.up()
  const holder = await h.connect()
  await holder.query('BEGIN; LOCK TABLE schema_migrations')
  const controller = new AbortController()
  const work = h.runner({ lockTimeoutMs: 0 })[method]({ signal: controller.signal })
  const outcome = work.catch((thrown: unknown) => thrown)
  await until(async () => (await h.database.query(WAITING)).length > 0)
  controller.abort()
  expect(await outcome).toMatchObject({ code: 'TM5008', message: `interrupted while ${doing}` })
  await holder.query('ROLLBACK')
})
