import { randomBytes } from 'node:crypto'
import { createServer, type Socket } from 'node:net'
import { Transform } from 'node:stream'
import { LOCAL_HOST, listenLocally } from '@tidemark/core/node'
import type { Wire } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../port/shadow.ts'
import { applySettings } from './apply-settings.ts'
import { ownStatements } from './own-statements.ts'
import { nameOfKey, newCancelKey, receive, refuse, welcome } from './sign-in.ts'

/** A shadow that programs connect to. */
export interface ServedShadow {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** Random, for this one alone. */
  readonly password: string
  /** With all of these. */
  readonly url: string
  /** Ends all connections at once, and listens no more. The shadow stays open. */
  close(): Promise<void>
}

/** Options of {@link serveShadow}. */
export interface ServeOptions {
  /** Default: any that is free. */
  readonly port?: number | undefined
  /**
   * Gives the shadow for a client that connects. PGlite cannot cancel, so a client that leaves while its statement
   * runs ends the database: another one may be given from then on. Default: always the same.
   */
  readonly current?: (() => Promise<Shadow>) | undefined
}

/** How long a client may take to sign in. */
const SIGN_IN_MS = 30_000

/**
 * Opens a shadow to programs that speak the protocol of PostgreSQL: on 127.0.0.1, with a random password. Several
 * may connect at the same time. On PGlite they share its one session and take turns by transaction, so that settings
 * and temporary tables are seen by all of them, until the last has left.
 *
 * @throws TidemarkError TM7012 when the port cannot be listened on.
 * @example
 * const served = await serveShadow(shadow)
 * const client = new pg.Client({ connectionString: served.url })
 */
export async function serveShadow(shadow: Shadow, options: ServeOptions = {}): Promise<ServedShadow> {
  const { port = 0, current = async () => shadow } = options
  const password = randomBytes(18).toString('base64url')
  const { user, database } = await readNames(shadow)
  const sessions = new Map<string, Session>()
  const sockets = new Set<Socket>()
  let count = 0
  const server = createServer((socket) => {
    count += 1
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket)).on('error', () => socket.destroy())
    socket.setNoDelay()
    void serveClient(socket, { password, current, sessions, client: count })
  })
  const own = await listenLocally(server, 'the shadow', port)
  const name = encodeURIComponent
  return {
    host: LOCAL_HOST,
    port: own,
    user,
    database,
    password,
    url: `postgres://${name(user)}:${password}@${LOCAL_HOST}:${own}/${name(database)}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        for (const socket of sockets) socket.destroy()
      }),
  }
}

interface Session {
  readonly shadow: Shadow
  readonly wire: Wire
}

interface Surroundings {
  readonly password: string
  readonly current: () => Promise<Shadow>
  /** By their keys to cancel. */
  readonly sessions: Map<string, Session>
  readonly client: number
}

async function serveClient(socket: Socket, surroundings: Surroundings): Promise<void> {
  const { password, current, sessions, client } = surroundings
  socket.setTimeout(SIGN_IN_MS, () => socket.destroy())
  const arrival = await receive(socket, password)
  socket.setTimeout(0)
  if (arrival.kind === 'cancel') return cancel(socket, sessions.get(arrival.key))
  if (arrival.kind === 'refused') {
    socket.end()
    return
  }
  try {
    const shadow = await current()
    const wire = await shadow.openWire()
    socket.once('close', () => void wire.close())
    const parameters = await applySettings(wire, arrival.settings)
    const key = newCancelKey()
    sessions.set(nameOfKey(key), { shadow, wire })
    const convert = shadow.engine === 'pglite' ? ownStatements(client) : (chunk: Uint8Array) => chunk
    relay(socket, wire, convert)
    socket.once('close', () => sessions.delete(nameOfKey(key)))
    welcome(socket, parameters, key)
  } catch (error) {
    refuse(socket, '57P03', error instanceof Error ? error.message : String(error))
  }
}

/** Passes bytes both ways. A session that is lost ends its client with the reason. */
function relay(socket: Socket, { stream }: Wire, convert: (chunk: Uint8Array) => Uint8Array): void {
  const outgoing = new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      try {
        done(null, convert(chunk))
      } catch {
        socket.destroy()
      }
    },
  })
  const lose = () => {
    if (!socket.destroyed) refuse(socket, '57P01', LOST)
  }
  stream.on('error', lose).on('close', lose)
  socket.pipe(outgoing).pipe(stream)
  stream.pipe(socket, { end: false })
}

const LOST = 'the session of the shadow has ended'

/** As in PostgreSQL nothing is answered. PGlite cannot cancel. */
async function cancel(socket: Socket, session: Session | undefined): Promise<void> {
  socket.end()
  if (session === undefined || session.wire.processId === 0) return
  const connection = await session.shadow.connect()
  try {
    await connection.query('SELECT pg_catalog.pg_cancel_backend($1)', [session.wire.processId])
  } finally {
    await connection.close()
  }
}

async function readNames(shadow: Shadow): Promise<{ readonly user: string; readonly database: string }> {
  const connection = await shadow.connect()
  try {
    const { rows } = await connection.query<{ user: string; database: string }>(
      'SELECT current_user::pg_catalog.text AS user, pg_catalog.current_database()::pg_catalog.text AS database',
    )
    const [names] = rows
    if (names === undefined) throw new TypeError('a query without FROM has one row')
    return names
  } finally {
    await connection.close()
  }
}
