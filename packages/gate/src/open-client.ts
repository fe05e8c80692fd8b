import { Socket } from 'node:net'
import pg from 'pg'

/** A connection of the gate's own, whose end waits for nobody. */
export interface OpenedClient {
  readonly client: pg.Client
  /** Connects; rejects when the connection is ended meanwhile, where `pg` leaves its promise open. */
  connect(): Promise<unknown>
  /** Whether the connection keeps the process alive. */
  hold(held: boolean): void
  /** Says goodbye and, should the server not answer, closes the socket all the same. */
  end(): Promise<void>
}

/** How long making a connection may take, in milliseconds. */
const CONNECT_MS = 10_000
/** How long a server has to close a connection that was ended, in milliseconds. */
const GOODBYE_MS = 500

/** Makes a client that is not connected yet. */
export function openClient(url: string): OpenedClient {
  const socket = new Socket()
  const client = new pg.Client({
    connectionString: url,
    application_name: 'tidemark gate',
    keepAlive: true,
    connectionTimeoutMillis: CONNECT_MS,
    stream: () => socket,
  })
  client.on('error', () => undefined)
  return {
    client,
    connect: () => Promise.race([client.connect(), rejectOnClose(socket)]),
    hold: (held) => void (held ? socket.ref() : socket.unref()),
    async end() {
      if (!socket.destroyed) await Promise.race([client.end().catch(() => undefined), closed(socket)])
      socket.destroy()
    },
  }
}

/** Settles when the socket is closed, which it is after {@link GOODBYE_MS} at the latest. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => socket.destroy(), GOODBYE_MS)
    socket.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
  })
}

function rejectOnClose(socket: Socket): Promise<never> {
  return new Promise((_, reject) => {
    socket.once('close', () => reject(new Error('the connection was closed while it was made')))
  })
}
