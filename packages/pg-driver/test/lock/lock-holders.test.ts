import { randomBytes } from 'node:crypto'
import pg from 'pg'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

let harness: ServerHarness
beforeEach(async () => {
  harness = await createServerHarness({ '001_a': 'CREATE TABLE a (id int);' })
  await harness.up()
})
afterEach(async () => {
  const prepared = await harness.server.query<{ gid: string }>(
    'SELECT gid FROM pg_prepared_xacts WHERE database = current_database()',
  )
  for (const { gid } of prepared)
    await harness.server.query(`ROLLBACK PREPARED '${gid.replaceAll("'", "''")}'`)
  await harness.database.drop()
})

const ALTER = {
  '001_a': 'CREATE TABLE a (id int);',
  '002_b': '-- Lock timeout: 600ms\n-- @up\nALTER TABLE a ADD b int;',
}

test('a prepared transaction that holds the table is named, with what ends it', async () => {
  const gid = `it's ${randomBytes(3).toString('hex')}`
  const literal = `'${gid.replaceAll("'", "''")}'`
  const other = await harness.connect()
  await other.query(`BEGIN; INSERT INTO a VALUES (1); PREPARE TRANSACTION ${literal}`)
  harness.files = ALTER
  const { help = '' } = await harness.fail({ lockRetries: 0 })
  expect(help).toMatch(
    new RegExp(
      `blocked by the prepared transaction "${gid}" \\(role postgres, since .*\\); to end it: ROLLBACK PREPARED`,
    ),
  )
  await other.query(/ROLLBACK PREPARED '.*?';(?= \()/.exec(help)?.[0] ?? '')
  expect((await harness.up()).done).toEqual(['002_b'])
})

test('a prepared transaction that holds the tracking tables is named', async () => {
  const gid = randomBytes(3).toString('hex')
  const other = await harness.connect()
  await other.query(`BEGIN; LOCK TABLE schema_migrations; PREPARE TRANSACTION '${gid}'`)
  harness.files = ALTER
  expect(await harness.fail({ lockTimeoutMs: 300 })).toMatchObject({
    code: 'TM5014',
    help: expect.stringContaining(`the tracking tables are locked by the prepared transaction "${gid}"`),
  })
  await other.query(`ROLLBACK PREPARED '${gid}'`)
})

test('a walsender is named as what it is', async () => {
  const options = {
    connectionString: harness.server.url,
    replication: 'database',
    application_name: 'subscriber',
  }
  const replica = new pg.Client(options)
  await replica.connect()
  await replica.query('BEGIN; LOCK TABLE a')
  harness.files = ALTER
  expect((await harness.fail({ lockRetries: 0 })).help).toMatch(
    /blocked by pid \d+ \(a walsender, for replication, subscriber, role postgres, .*\), last statement: BEGIN; LOCK TABLE a; to end it: SELECT pg_terminate_backend\(\d+\); \(its standby or subscriber connects again\)/,
  )
  await replica.end()
})
