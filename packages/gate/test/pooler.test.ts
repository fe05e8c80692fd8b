import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrationRunner } from '@tidemark/pg-driver'
import {
  createTestDatabase,
  pgBouncerMissing,
  startPgBouncer,
  type TestDatabase,
  type TestPgBouncer,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { createGate } from '../src/pg/pg-gate.ts'

let database: TestDatabase | undefined
let pooler: TestPgBouncer | undefined
afterEach(async () => {
  await pooler?.remove()
  await database?.drop()
})

test.skipIf(pgBouncerMissing !== undefined)(
  'behind a transaction pooler the gate polls, leaves no LISTEN on a pooled connection, and opens',
  async () => {
    database = await createTestDatabase()
    pooler = await startPgBouncer({ server: database.url, mode: 'transaction', poolSize: 2 })
    const url = pooler.url(database.url)
    const folder = mkdtempSync(join(tmpdir(), 'gate-pooler-'))
    writeFileSync(join(folder, '001_users.sql'), '-- @up\nCREATE TABLE users (id int);\n')
    const gate = createGate({
      database: url,
      migrations: folder,
      poll: { minMs: 20, maxMs: 100 },
      watch: true,
    })
    expect((await gate.refuse({ method: 'GET', path: '/', header: () => undefined }))?.status).toBe(503)
    await createMigrationRunner({ database: database.url, migrations: folder }).runMigrations()
    await gate.whenOpen()
    const pool = new pg.Pool({ connectionString: url, max: 4 })
    const channels = await Promise.all([1, 2, 3, 4].map(() => pool.query('SELECT pg_listening_channels()')))
    expect(channels.flatMap(({ rows }) => rows)).toEqual([])
    await pool.end()
    await gate.stop()
  },
)
