import { randomBytes, randomInt } from 'node:crypto'
import { createServer, type Server, type Socket } from 'node:net'
import { listenLocally } from '@tidemark/core/node'
import type { Shadow } from '@tidemark/shadow'
import { openSessionTape, type SessionTape, type Tape } from '../tape/session-tape.ts'
import { callWhileLate, createBackendWire } from './backend-wire.ts'
import { greetClient } from './greet-client.ts'
import { recordSession } from './record-session.ts'
import { applyParameters, readProcessId } from './start-session.ts'
import { errorMessage, writeFields } from './wire-fields.ts'

/** A scratch database behind a port of this machine, whose sessions are recorded. */
export interface RecordingProxy {
  readonly port: number
  readonly password: string
  readonly tape: Tape
  /** How many clients gave the password. */
  readonly connections: number
  /** Waits for the sessions of a program that has ended, and drops those that something else still holds. */
  settle(): Promise<void>
  close(): Promise<void>
}

/** What a proxy does besides recording. */
export interface ProxyOptions {
  /** Says why SQL may not run on the scratch database; undefined where it may. */
  readonly refuse: (sql: string) => string | undefined
  /** Called once, when a connection waits for the transaction of another one. */
  readonly onWaiting: () => void
}

/** How long messages of a program that has ended may be on their way. */
const GRACE_MS = 1000

interface OpenSession {
  readonly tape: SessionTape
  readonly processId: number
  readonly secret: number
  /** Of the server's session. */
  readonly serverProcessId: number | undefined
}

/** Listens on 127.0.0.1, with a random password. */
export async function startProxy(shadow: Shadow, options: ProxyOptions): Promise<RecordingProxy> {
  const proxy = new ListeningProxy(shadow, options)
  await proxy.listen()
  return proxy
}

class ListeningProxy implements RecordingProxy {
  readonly password = randomBytes(18).toString('base64url')
  readonly tape: Tape = { statements: [], order: 0 }
  port = 0
  connections = 0
  readonly #shadow: Shadow
  readonly #options: ProxyOptions
  #isNoted = false
  readonly #server: Server
  readonly #sockets = new Map<Socket, Promise<void>>()
  readonly #sessions = new Set<OpenSession>()

  constructor(shadow: Shadow, options: ProxyOptions) {
    this.#shadow = shadow
    this.#options = options
    this.#server = createServer((socket) => {
      const served = this.#serve(socket)
        .catch((error: unknown) => this.#giveUp(socket, error))
        .finally(() => this.#sockets.delete(socket))
      this.#sockets.set(socket, served)
    })
  }

  async listen(): Promise<void> {
    this.port = await listenLocally(this.#server, 'the recording', 0)
  }

  async settle(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, GRACE_MS)
    })
    await Promise.race([Promise.all(this.#sockets.values()), late])
    clearTimeout(timer)
    await this.#dropAll()
  }

  async close(): Promise<void> {
    this.#server.close()
    await this.#dropAll()
  }

  async #dropAll(): Promise<void> {
    const served = [...this.#sockets.values()]
    for (const socket of this.#sockets.keys()) socket.destroy()
    await Promise.all(served)
  }

  async #serve(socket: Socket): Promise<void> {
    socket.setNoDelay()
    socket.on('error', () => undefined)
    const greeting = await greetClient(socket, this.password)
    if (greeting.kind === 'cancel') await this.#cancel(greeting)
    if (greeting.kind !== 'session') return void socket.end()
    this.connections += 1
    const tape = openSessionTape(this.tape)
    const noteLate = (): void => this.#noteLate(tape)
    // The embedded engine lets nobody in while a transaction is open.
    const onTime = callWhileLate(noteLate)
    const wire = await this.#shadow.openWire().finally(onTime)
    const session = createBackendWire(wire, socket, noteLate)
    const open: OpenSession = {
      tape,
      processId: this.connections,
      secret: randomInt(2 ** 31),
      serverProcessId: this.#shadow.engine === 'server' ? await readProcessId(session) : undefined,
    }
    this.#sessions.add(open)
    try {
      // First: what the client's settings change is shown as it changes, and libpq takes nothing before it is let in.
      socket.write(letIn(wire.parameters))
      const error = await applyParameters(session, tape, greeting.parameters)
      if (error !== undefined) return void socket.end(error.bytes)
      socket.write(makeReady(open))
      const prefix = `c${this.connections}_`
      await recordSession({ ...this.#options, messages: greeting.messages, backend: session, tape, prefix })
      session.send(writeFields('X'))
      socket.end()
    } finally {
      this.#sessions.delete(open)
      await wire.close()
    }
  }

  /** On the embedded engine a session may wait for ever for another one of the same program. */
  #noteLate(waiting: SessionTape): void {
    if (this.#shadow.engine !== 'pglite' || this.#isNoted) return
    if (![...this.#sessions].some(({ tape }) => tape !== waiting && tape.isOpen)) return
    this.#isNoted = true
    this.#options.onWaiting()
  }

  async #cancel(asked: { readonly processId: number; readonly secret: number }): Promise<void> {
    const session = [...this.#sessions].find(
      ({ processId, secret }) => processId === asked.processId && secret === asked.secret,
    )
    if (session?.serverProcessId === undefined) return
    const connection = await this.#shadow.connect()
    try {
      await connection.query('SELECT pg_catalog.pg_cancel_backend($1::pg_catalog.int4)', [
        session.serverProcessId,
      ])
    } finally {
      await connection.close()
    }
  }

  #giveUp(socket: Socket, error: unknown): void {
    const reason = error instanceof Error ? error.message : String(error)
    if (!socket.destroyed) socket.end(errorMessage('FATAL', '57P01', `the recording ended: ${reason}`))
  }
}

/** AuthenticationOk, and what the server reported. */
function letIn(parameters: ReadonlyMap<string, string>): Buffer {
  return Buffer.concat([
    writeFields('R', 0),
    ...[...parameters].map(([name, value]) => writeFields('S', name, value)),
  ])
}

/** How to cancel, and ReadyForQuery. */
function makeReady({ processId, secret }: OpenSession): Buffer {
  return Buffer.concat([writeFields('K', processId, secret), writeFields('Z', Buffer.from('I'))])
}
