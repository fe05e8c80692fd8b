import { createTestDatabase } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import { keepPlans } from '../../src/statement/keep-plans.ts'
import { writeShared } from '../../src/statement/write-shared.ts'

async function openKept() {
  const database = await createTestDatabase()
  const opened = await connectToServer({ url: database.url, applicationName: 'kept', timeoutMs: 10_000 })
  onTestFinished(async () => {
    await opened.close().catch(() => undefined)
    await database.drop()
  })
  const notices: string[] = []
  opened.onNotice(({ message }) => notices.push(message))
  const { connection, reset } = await keepPlans(opened)
  const ask = async (value: string) => {
    const text = writeShared(connection, { sql: 'SELECT $1::text AS value', parameters: [value] })
    return [text.split(' ', 1)[0], (await connection.query(text)).rows]
  }
  return { connection, notices, reset, ask }
}

test('a session is reset without a word of the server, and its plans are kept', async () => {
  const { connection, notices, reset, ask } = await openKept()
  expect(await ask("it's")).toEqual(['PREPARE', [{ value: "it's" }]])
  await connection.query("SET statement_timeout = '7s'")
  await reset()
  expect((await connection.query('SHOW statement_timeout')).rows).toEqual([{ statement_timeout: '0' }])
  expect(await ask('b')).toEqual(['EXECUTE', [{ value: 'b' }]])
  await reset()
  expect(notices).toEqual([])
})

test.each([
  'PREPARE theirs AS SELECT 1',
  'DEALLOCATE ALL',
  "DO $$ BEGIN EXECUTE 'DEALLOCATE tidemark_kept_1'; EXECUTE 'PREPARE tidemark_kept_1(text) AS SELECT 1'; END $$",
])('after "%s" nothing of it is kept, the first time and later', async (left) => {
  const { connection, reset, ask } = await openKept()
  await ask('a')
  for (const value of ['b', 'c']) {
    await connection.query(left)
    await reset()
    const { rows } = await connection.query('SELECT name FROM pg_prepared_statements')
    expect(rows).toEqual([{ name: 'tidemark_kept_1' }])
    expect(await ask(value)).toEqual(['EXECUTE', [{ value }]])
  }
})

test.each(['SELECT 1', 'SELECT 1 / 0'])(
  'a session with a transaction that is open, after "%s", cannot be reset',
  async (statement) => {
    const { connection, reset } = await openKept()
    await connection.query('BEGIN')
    await connection.query(statement).catch(() => undefined)
    await expect(reset()).rejects.toThrow(/transaction/)
  },
)
