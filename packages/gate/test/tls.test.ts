import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { createTestAuthority, startServer, type TestServer } from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { Gate } from '../src/gate.ts'
import { createGate } from '../src/pg/pg-gate.ts'
import { manifestOf } from './index.ts'

let folder: string
let secure: TestServer
let plain: TestServer
const gates: Gate[] = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gate-tls-'))
  const authority = await createTestAuthority()
  const server = await authority.issue({ commonName: 'db', hosts: ['localhost'] })
  writeFileSync(join(folder, 'ca.pem'), authority.cert)
  secure = await startServer({
    settings: { ssl: 'on' },
    files: { 'server.crt': server.cert, 'server.key': server.key },
    hba: ['hostssl all all 127.0.0.1/32 scram-sha-256', 'host all all 127.0.0.1/32 reject'],
  })
  plain = await startServer()
})
afterEach(async () => {
  for (const gate of gates.splice(0)) await gate.stop()
})
afterAll(async () => {
  await Promise.all([secure?.remove(), plain?.remove()])
  rmSync(folder, { recursive: true, force: true })
})

function urlOf(server: TestServer, query: string, host: string): string {
  const url = new URL(server.url())
  url.hostname = host
  url.search = query.replace('ca.pem', encodeURIComponent(join(folder, 'ca.pem')))
  return url.href
}

const HOUR_MS = 3_600_000

/** A gate that needs nothing but an answer, and listens; its timer is of no help. */
function makeGate(url: string): Gate {
  const poll = { minMs: HOUR_MS, maxMs: HOUR_MS }
  const gate = createGate({ database: url, migrations: manifestOf(), watch: true, poll })
  gates.push(gate)
  return gate
}

/** Waits for the first check, whatever it finds. */
async function firstCheck(gate: Gate): Promise<void> {
  while (gate.status().kind === 'unknown' && gate.status().error === null) await sleep(10)
}

test.each([
  // what `pg` by itself takes for verify-full
  ['sslmode=require', '127.0.0.1', 'open'],
  ['sslmode=prefer', '127.0.0.1', 'open'],
  ['sslmode=verify-ca&sslrootcert=ca.pem', '127.0.0.1', 'open'],
  ['sslrootcert=ca.pem', 'localhost', 'open'],
  ['', '127.0.0.1', 'no pg_hba.conf entry|rejects connection'],
  ['sslmode=verify-full', 'localhost', 'unable to verify|self-signed'],
  ['sslrootcert=ca.pem', '127.0.0.1', "Hostname/IP does not match certificate's altnames"],
])("the gate's own connection keeps to the TLS modes of the docs: %s to %s", async (query, host, outcome) => {
  const gate = makeGate(urlOf(secure, query, host))
  await firstCheck(gate)
  const { open, error } = gate.status()
  expect(open ? 'open' : error?.message).toMatch(new RegExp(outcome))
})

test('mode prefer connects again without TLS to a server that has none', async () => {
  const gate = makeGate(urlOf(plain, 'sslmode=prefer', '127.0.0.1'))
  await gate.whenOpen()
})

test('an authority that cannot be read has its code', async () => {
  const gate = makeGate(urlOf(secure, 'sslmode=verify-ca&sslrootcert=/nowhere.pem', '127.0.0.1'))
  await firstCheck(gate)
  expect(gate.status().error).toMatchObject({ code: 'TM7053' })
})

test('a listener over TLS receives notifications, keeps no process alive and leaves nothing behind', async () => {
  const url = urlOf(secure, 'sslmode=require', '127.0.0.1')
  const client = new pg.Client({ connectionString: url.replace('sslmode=require', 'sslmode=no-verify') })
  await client.connect()
  const count = async (what: string) =>
    (await client.query(`SELECT FROM pg_stat_activity WHERE application_name = 'tidemark gate' AND ${what}`))
      .rowCount
  const sockets = () => process.getActiveResourcesInfo().filter((name) => /TCP|TLS/.test(name)).length
  const before = sockets()
  const gate = makeGate(url)
  await gate.whenOpen()
  while ((await count("query = 'LISTEN tidemark'")) === 0) await sleep(10)
  while (sockets() > before) await sleep(10)
  const seen = JSON.stringify(gate.status())
  await client.query("NOTIFY tidemark, '{}'")
  while (JSON.stringify(gate.status()) === seen) await sleep(10)
  await gate.stop()
  while ((await count('true')) !== 0) await sleep(10)
  await client.end()
})
