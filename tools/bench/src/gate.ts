import { spawn } from 'node:child_process'
import { once } from 'node:events'
import type { Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { performance } from 'node:perf_hooks'
import { serve } from '@hono/node-server'
import { schemaGate as expressGate } from '@tidemark/express'
import { schemaGate as fastifyGate } from '@tidemark/fastify'
import { createGate, type Gate } from '@tidemark/gate'
import { schemaGate as honoGate, withGate } from '@tidemark/hono'
import express from 'express'
import { fastify } from 'fastify'
import { Hono } from 'hono'

/** How many pairs of runs, and how long one is. Medians of pairs that follow each other cancel what else the machine does. */
const ROUNDS = Number(process.argv[2] ?? 15)
const RUN_MS = 1500
const CALLS = 20_000_000

/** A gate that is open: it asks nothing any more. */
async function openGate(): Promise<Gate> {
  const manifest = { formatVersion: 1, digest: EMPTY_DIGEST, migrations: [] }
  const gate = createGate({ database: { query: async () => ({ rows: [] }) }, migrations: manifest })
  await gate.whenOpen()
  return gate
}

/** SHA-256 of nothing: the digest of a manifest without migrations. */
const EMPTY_DIGEST = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'

function measureCalls(gate: Gate): { readonly 'ns a call': string } {
  const handle = expressGate(gate)
  let passed = 0
  const next = () => {
    passed += 1
  }
  const call = handle as unknown as (request: object, response: object, next: () => void) => void
  const request = {}
  for (let warm = 0; warm < 100_000; warm += 1) call(request, request, next)
  const started = performance.now()
  for (let index = 0; index < CALLS; index += 1) call(request, request, next)
  const nanoseconds = ((performance.now() - started) * 1e6) / CALLS
  if (passed !== CALLS + 100_000) throw new Error('a call did not pass')
  return { 'ns a call': nanoseconds.toFixed(2) }
}

interface Running {
  readonly port: number
  close(): Promise<unknown>
}

type Start = (gate: Gate | undefined) => Promise<Running>

const startExpress: Start = async (gate) => {
  const app = express()
  if (gate !== undefined) app.use(expressGate(gate))
  app.get('/', (_request, response) => void response.send('hello'))
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: portOf(server), close: () => closeServer(server) }
}

const startFastify: Start = async (gate) => {
  const app = fastify({ forceCloseConnections: true })
  if (gate !== undefined) await app.register(fastifyGate, { gate })
  app.get('/', async () => 'hello')
  await app.listen({ port: 0, host: '127.0.0.1' })
  return { port: portOf(app.server), close: () => app.close() }
}

const startHono: Start = (gate) =>
  new Promise((resolve) => {
    const app = new Hono()
    if (gate !== undefined) app.use(honoGate(gate))
    app.get('/', (context) => context.text('hello'))
    const server = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ port, close: async () => server.close() }),
    )
  })

const startWrapped: Start = (gate) =>
  new Promise((resolve) => {
    const app = new Hono()
    app.get('/', (context) => context.text('hello'))
    const handler = gate === undefined ? app.fetch : withGate((request: Request) => app.fetch(request), gate)
    const server = serve({ fetch: handler, port: 0, hostname: '127.0.0.1' }, ({ port }) =>
      resolve({ port, close: async () => server.close() }),
    )
  })

function portOf(server: Server): number {
  const address: AddressInfo | string | null = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections()
  return new Promise((resolve) => server.close(() => resolve()))
}

interface Measured {
  /** Requests a second over 16 kept-alive connections, made by a process of their own. */
  readonly throughput: number
  /** Microseconds of this process a request: what throughput is made of, without what else the machine does. */
  readonly cpuUs: number
}

async function measure(port: number): Promise<Measured> {
  const client = spawn(process.execPath, ['-e', CLIENT, String(port), String(RUN_MS)])
  const before = process.cpuUsage()
  const [answer] = await once(client.stdout, 'data')
  const { user, system } = process.cpuUsage(before)
  const count = Number(answer)
  await once(client, 'exit')
  return { throughput: (count * 1000) / RUN_MS, cpuUs: (user + system) / count }
}

/** Pipelines nothing and parses no more than it must: the client is not what is measured. */
const CLIENT = `
const { connect } = require('node:net')
const [port, runMs] = process.argv.slice(1).map(Number)
const request = 'GET / HTTP/1.1\\r\\nHost: localhost\\r\\n\\r\\n'
let count = 0
const sockets = Array.from({ length: 16 }, () => {
  const socket = connect(port, '127.0.0.1', () => socket.write(request))
  socket.on('data', () => { count += 1; socket.write(request) })
  socket.on('error', () => undefined)
  return socket
})
setTimeout(() => { process.stdout.write(String(count)); for (const socket of sockets) socket.destroy() }, runMs)
`

const median = (values: readonly number[]) =>
  [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN

/** One pair after the other, the order turned each time. */
async function compare(name: string, start: Start, gate: Gate) {
  const [bare, gated] = await Promise.all([start(undefined), start(gate)])
  const pairs: { readonly without: Measured; readonly with: Measured }[] = []
  await measure(bare.port)
  await measure(gated.port)
  for (let round = 0; round < ROUNDS; round += 1) {
    const first = round % 2 === 0 ? bare : gated
    const one = await measure(first.port)
    const other = await measure(first === bare ? gated.port : bare.port)
    pairs.push(first === bare ? { without: one, with: other } : { without: other, with: one })
  }
  await Promise.all([bare.close(), gated.close()])
  return {
    application: name,
    'requests/s without': Math.round(median(pairs.map((pair) => pair.without.throughput))),
    'requests/s with': Math.round(median(pairs.map((pair) => pair.with.throughput))),
    'with ÷ without': median(pairs.map((pair) => pair.with.throughput / pair.without.throughput)).toFixed(3),
    'CPU µs without': median(pairs.map((pair) => pair.without.cpuUs)).toFixed(2),
    'CPU µs with': median(pairs.map((pair) => pair.with.cpuUs)).toFixed(2),
    'CPU with ÷ without': median(pairs.map((pair) => pair.with.cpuUs / pair.without.cpuUs)).toFixed(3),
  }
}

const gate = await openGate()
console.log('An open gate: target 100 ns a call')
console.table([measureCalls(gate)])
console.log(`Throughput with an open gate: target 0.99 or more (median of ${ROUNDS} interleaved pairs)`)
console.table([
  await compare('Express 5', startExpress, gate),
  await compare('Fastify 5', startFastify, gate),
  await compare('Hono 4 on Node', startHono, gate),
  await compare('Hono 4, fetch wrapped', startWrapped, gate),
])
await gate.stop()
process.exit(0)
