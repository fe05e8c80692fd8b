import { expect, test } from 'vitest'
import { startServer } from './server.ts'
import { createTestDatabase } from './test-database.ts'

test('a test database is empty, of its own and gone after drop', async () => {
  const database = await createTestDatabase()
  await database.query('CREATE TABLE t (a int); INSERT INTO t VALUES (1)')
  expect(await database.query('SELECT a FROM t')).toEqual([{ a: 1 }])
  await database.drop()
  await expect(database.query('SELECT 1')).rejects.toThrow(`database "${database.name}" does not exist`)
})

test('a server of version 15 crashes and starts again on its data', async () => {
  const server = await startServer({ major: '15' })
  const { Client } = (await import('pg')).default
  const ask = async (text: string) => {
    const client = new Client(server.url())
    client.on('error', () => undefined)
    await client.connect()
    const { rows } = await client.query(text)
    await client.end()
    return rows
  }
  await ask('CREATE TABLE kept AS SELECT 7 AS a')
  await ask('CHECKPOINT')
  await server.stop('immediate')
  await server.start()
  expect(
    await ask("SELECT a, current_setting('server_version_num')::int / 10000 AS major FROM kept"),
  ).toEqual([{ a: 7, major: 15 }])
  await server.remove()
})
