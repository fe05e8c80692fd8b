import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { ok } from '@tidemark/core'
import { createMigrationRunner } from '@tidemark/pg-driver'
import type { TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { createMigrations, insertAndAlter } from './migration-sets.ts'

const ROUND_TRIP_MS = 20

/** Applies 100 migrations, and then nothing, over a relay that delays each way by half a round trip. */
export async function measureSlowLink(server: TestServer) {
  const relay = createServer({ noDelay: true }, (client) => {
    const upstream = connect({ host: '127.0.0.1', port: server.port, noDelay: true })
    delay(client, upstream)
    delay(upstream, client)
  })
  relay.listen(0, '127.0.0.1')
  await once(relay, 'listening')
  const address = relay.address()
  const admin = new pg.Client({ connectionString: server.url() })
  await admin.connect()
  await admin.query('CREATE DATABASE slow')
  const url = new URL(server.url('slow'))
  url.port = String(typeof address === 'object' && address !== null ? address.port : 0)
  const migrations = createMigrations(100, insertAndAlter.write)
  const runner = createMigrationRunner({
    database: url.href,
    migrations: { readMigrations: async () => ok({ migrations, notes: [] }) },
  })
  const times = []
  for (const work of ['100 migrations', 'nothing to do']) {
    const startedAt = performance.now()
    await runner.runMigrations()
    times.push({ work, ms: Math.round(performance.now() - startedAt) })
  }
  await admin.query('DROP DATABASE slow WITH (FORCE)')
  await admin.end()
  relay.close()
  return times
}

/** Everything arrives later, in order; bandwidth is not limited. */
function delay(from: Socket, to: Socket): void {
  from.on('data', (data) => setTimeout(() => to.write(data), ROUND_TRIP_MS / 2))
  from.on('close', () => setTimeout(() => to.destroy(), ROUND_TRIP_MS / 2))
  from.on('error', () => undefined)
}
