import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { chmodSync, mkdtempSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { createTestDatabase, findFreePort, processOwner, type TestDatabase } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { createGate } from './pg-gate.ts'

const installed = spawnSync('pgbouncer', ['--version']).status === 0

let database: TestDatabase | undefined
let pooler: ChildProcess | undefined
afterEach(async () => {
  pooler?.kill('SIGKILL')
  await database?.drop()
})

/** Starts PgBouncer in transaction mode before a server and gives the URL through it. */
async function startPooler(url: string): Promise<string> {
  const { hostname, port, username, password, pathname } = new URL(url)
  const folder = mkdtempSync(join(tmpdir(), 'gate-pgbouncer-'))
  chmodSync(folder, 0o755)
  const listenPort = await findFreePort()
  const file = join(folder, 'pgbouncer.ini')
  writeFileSync(
    file,
    `[databases]
* = host=${hostname} port=${port} user=${username} password=${password}
[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 2
`,
  )
  pooler = spawn('pgbouncer', [file], { ...processOwner(), stdio: 'ignore' })
  while (!(await canConnect(listenPort))) await sleep(20)
  return `postgres://app@127.0.0.1:${listenPort}${pathname}`
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}

test.skipIf(!installed)(
  'behind a transaction pooler the gate polls, leaves no LISTEN on a pooled connection, and opens',
  async () => {
    database = await createTestDatabase()
    const url = await startPooler(database.url)
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
