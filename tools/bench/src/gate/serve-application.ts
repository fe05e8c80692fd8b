import { once } from 'node:events'
import { createGate, digestManifest, type Gate, MANIFEST_VERSION } from '@tidemark/gate'
import { APPLICATIONS } from './applications.ts'

/** What a served application says of itself: when it listens, and whenever it is asked. */
export interface ServerReport {
  readonly port: number
  /** Processor time of its process up to now, in microseconds. */
  readonly cpuUs: number
}

/** Runs in a process of its own, so that what V8 makes of one application is not shared with another. */
export async function serveApplication(framework: string, name: string): Promise<void> {
  const start = APPLICATIONS[framework]?.[name]
  if (start === undefined) throw new TypeError(`no application ${framework}, ${name}`)
  const server = await start(await openGate())
  server.keepAliveTimeout = 0
  if (!server.listening) await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new TypeError('a TCP server has a port')
  const report = () => {
    const { user, system } = process.cpuUsage()
    const said: ServerReport = { port: address.port, cpuUs: user + system }
    process.send?.(said)
  }
  process.on('message', report)
  process.on('disconnect', () => process.exit(0))
  report()
}

/** A gate that is open: it asks nothing any more. */
export async function openGate(): Promise<Gate> {
  const manifest = { formatVersion: MANIFEST_VERSION, digest: digestManifest([]), migrations: [] }
  const gate = createGate({ database: { query: async () => ({ rows: [] }) }, migrations: manifest })
  await gate.whenOpen()
  return gate
}
