import { startServer, startStandby, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createMigrationRunner, createServerDatabase } from '../../src/index.ts'
import { createMigrationFolder, type MigrationFolder } from '../support/migration-files.ts'

let primary: TestServer
let standby: TestServer
let folder: MigrationFolder
beforeAll(async () => {
  primary = await startServer()
  folder = await createMigrationFolder({ '001_a': 'CREATE TABLE a (id int);' })
  await query(primary, 'CREATE DATABASE fresh')
  await runner(primary.url()).runMigrations()
  standby = await startStandby(primary)
})
afterAll(async () => {
  await standby?.remove()
  await primary?.remove()
  await folder.drop()
})

const runner = (database: string, directUrl?: string) =>
  createMigrationRunner({ database, directUrl, migrations: folder.path })

async function query(server: TestServer, text: string): Promise<readonly unknown[]> {
  const client = new pg.Client(server.url())
  await client.connect()
  try {
    return (await client.query(text)).rows
  } finally {
    await client.end()
  }
}

test('I9: plan, status and history are read on a standby', async () => {
  await folder.write({ '002_b': '-- Depends on: [001_a]\n-- @up\nSELECT 2;\n' })
  expect((await runner(standby.url()).createMigrationPlan()).steps.map(({ id }) => id)).toEqual(['002_b'])
  const { states } = await runner(standby.url()).status()
  expect([...states].map(([id, { kind }]) => `${id} ${kind}`)).toEqual(['001_a applied', '002_b pending'])
  const session = await createServerDatabase({ database: standby.url() }).openReader()
  expect((await session.store.listAttempts({})).map(({ migrationId }) => migrationId)).toEqual(['001_a'])
  await session.close()
  expect((await runner(standby.url('fresh')).createMigrationPlan()).steps.map(({ id }) => id)).toEqual([
    '001_a',
    '002_b',
  ])
})

// As libpq decides it: https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNECT-TARGET-SESSION-ATTRS
test.each([
  ['any', ['primary', 'standby']],
  ['read-write', ['primary']],
  ['read-only', ['standby']],
  ['primary', ['primary']],
  ['standby', ['standby']],
  ['prefer-standby', ['primary', 'standby']],
])('target_session_attrs=%s takes %j', async (wanted, taken) => {
  const take = (server: TestServer) =>
    runner(`${server.url()}?target_session_attrs=${wanted}`)
      .createMigrationPlan()
      .then(
        () => true,
        (error: unknown) => {
          expect(error).toMatchObject({
            code: 'TM5001',
            message: expect.stringContaining(`target_session_attrs=${wanted} asks for another`),
          })
          return false
        },
      )
  expect({ primary: await take(primary), standby: await take(standby) }).toEqual({
    primary: taken.includes('primary'),
    standby: taken.includes('standby'),
  })
})

test('a run on a standby is TM5013 before anything is tried, and directUrl leads to the primary', async () => {
  const refused = {
    code: 'TM5013',
    message: 'this server is a replica and read-only',
    help: 'migrate on the primary: set directUrl to its URL; reading works here',
  }
  await expect(runner(standby.url()).runMigrations()).rejects.toMatchObject(refused)
  await expect(runner(standby.url('fresh')).runMigrations()).rejects.toMatchObject(refused)
  expect((await runner(standby.url(), primary.url()).runMigrations()).done).toEqual(['002_b'])
  const caughtUp = async () => (await runner(standby.url()).createMigrationPlan()).steps.length === 0
  while (!(await caughtUp())) await new Promise((resolve) => setTimeout(resolve, 20))
  expect((await runner(standby.url()).runMigrations()).outcome).toBe('nothing_to_do')
})

test('a session that a setting makes read-only is TM5013 too, with where to look', async () => {
  await query(
    primary,
    "CREATE ROLE careful LOGIN SUPERUSER PASSWORD 'tidemark'; ALTER ROLE careful SET default_transaction_read_only = on",
  )
  const url = Object.assign(new URL(primary.url('fresh')), { username: 'careful' }).href
  await expect(runner(url).runMigrations()).rejects.toMatchObject({
    code: 'TM5013',
    help: 'default_transaction_read_only is on for this role, database or URL: turn it off, or use another role',
  })
})
