import { once } from 'node:events'
import { createGate, digestManifest, type Gate, MANIFEST_VERSION } from '@tidemark/gate'
import { APPLICATIONS } from './applications.ts'

/** What the served applications say of themselves: when they listen, and whenever they are asked. */
export interface ServerReport {
  readonly ports: Readonly<Record<string, number>>
  /** Processor time of their process up to now, in microseconds. */
  readonly cpuUs: number
}

/**
 * Runs in a process of its own: all applications of a framework, started in this order. They share the
 * process, since one process is faster than the next by several percent, by the luck of its memory and its
 * compiler.
 */
export async function serveApplications(framework: string, names: readonly string[]): Promise<void> {
  const gate = await openGate()
  const ports: Record<string, number> = {}
  for (const name of names) ports[name] = await serveApplication(framework, name, gate)
  const report = () => {
    const { user, system } = process.cpuUsage()
    const said: ServerReport = { ports, cpuUs: user + system }
    process.send?.(said)
  }
  process.on('message', report)
  process.on('disconnect', () => process.exit(0))
  report()
}

async function serveApplication(framework: string, name: string, gate: Gate): Promise<number> {
  const start = APPLICATIONS[framework]?.[name]
  if (start === undefined) throw new TypeError(`no application ${framework}, ${name}`)
  const server = await start(gate)
  server.keepAliveTimeout = 0
  if (!server.listening) await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  return address.port
}

/** A gate that is open: it asks nothing any more. */
export async function openGate(): Promise<Gate> {
  const manifest = { formatVersion: MANIFEST_VERSION, digest: digestManifest([]), migrations: [] }
  const gate = createGate({ database: { query: async () => ({ rows: [] }) }, migrations: manifest })
  await gate.whenOpen()
  return gate
}
