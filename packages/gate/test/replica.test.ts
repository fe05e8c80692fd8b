import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createMigrationRunner } from '@tidemark/pg-driver'
import { processOwner, startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterEach, expect, test } from 'vitest'
import { createGate } from '../src/pg/pg-gate.ts'

const servers: TestServer[] = []
afterEach(async () => {
  for (const server of servers.splice(0)) await server.remove()
})

/** A primary and a hot standby that streams from it, made by copying the stopped primary. */
async function startPair() {
  const [primary, standby] = await Promise.all([startServer(), startServer()])
  servers.push(primary, standby)
  await Promise.all([primary.stop(), standby.stop()])
  const { port, user, password, dataDirectory } = primary
  execFileSync('sh', ['-c', 'rm -rf "$1"/* && cp -a "$0"/. "$1"', dataDirectory, standby.dataDirectory])
  const source = `host=127.0.0.1 port=${port} user=${user} password=${password}`
  appendFileSync(join(standby.dataDirectory, 'postgresql.auto.conf'), `primary_conninfo = '${source}'\n`)
  const signal = join(standby.dataDirectory, 'standby.signal')
  writeFileSync(signal, '')
  const owner = processOwner()
  if (owner !== undefined) execFileSync('chown', [`${owner.uid}:${owner.gid}`, signal])
  await primary.start()
  await standby.start()
  return { primary, standby }
}

test.skipIf(process.platform === 'win32')(
  'on a standby, where LISTEN is refused, the gate polls and opens when the apply has arrived',
  async () => {
    const { primary, standby } = await startPair()
    const folder = mkdtempSync(join(tmpdir(), 'gate-replica-'))
    writeFileSync(join(folder, '001_users.sql'), '-- @up\nCREATE TABLE users (id int);\n')
    const pool = new pg.Pool({ connectionString: standby.url(), max: 1 })
    pool.on('error', () => undefined)
    const { rows } = await pool.query('SELECT pg_is_in_recovery() AS standby')
    expect(rows).toEqual([{ standby: true }])
    const poll = { minMs: 20, maxMs: 100 }
    const gate = createGate({ database: pool, directUrl: standby.url(), migrations: folder, poll })
    expect((await gate.refuse({ method: 'GET', path: '/', header: () => undefined }))?.status).toBe(503)
    await createMigrationRunner({ database: primary.url(), migrations: folder }).runMigrations()
    await gate.whenOpen()
    expect(gate.status()).toMatchObject({ kind: 'current', error: null })
    await gate.stop()
    await pool.end()
  },
)
