import { Socket } from 'node:net'
import { type ClientTarget, openByUrl } from '@tidemark/pg-driver/client'
import pg from 'pg'

/** A connection of the gate's own, whose end waits for nobody. */
export interface OpenedClient {
  /** Settles when the connection is made; rejects when it cannot be, or is ended meanwhile. */
  readonly connected: Promise<pg.Client>
  /** Settles when the connection is over, whoever ended it, or could not be made. */
  readonly over: Promise<void>
  /** Whether the connection keeps the process alive. */
  hold(held: boolean): void
  /** Says goodbye and, should the server not answer, closes the socket all the same. */
  end(): Promise<void>
}

interface Attempt {
  readonly client: pg.Client
  readonly socket: Socket
}

/** How long making a connection may take, in milliseconds. */
const CONNECT_MS = 10_000
/** How long a server has to close a connection that was ended, in milliseconds. */
const GOODBYE_MS = 500

/** Starts to connect, by the rules of `docs/connections.md`. */
export function openClient(url: string): OpenedClient {
  let current: Attempt | undefined
  let held = true
  let ended = false
  let tellOver: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    tellOver = resolve
  })

  async function attempt(target: ClientTarget): Promise<pg.Client> {
    if (ended) throw new Error('the connection was ended before it was made')
    const { client, socket } = makeClient(target)
    current = { client, socket }
    if (!held) socket.unref()
    await Promise.race([client.connect(), rejectOnClose(socket)])
    client.once('end', tellOver)
    return client
  }

  const connected = openByUrl(url, attempt)
  connected.catch(tellOver)
  return {
    connected,
    over,
    hold(wanted) {
      held = wanted
      if (held) current?.socket.ref()
      else current?.socket.unref()
    },
    async end() {
      ended = true
      if (current !== undefined) await endClient(current)
    },
  }
}

function makeClient(target: ClientTarget): Attempt {
  const socket = new Socket()
  const client = new pg.Client({
    ...target,
    application_name: 'tidemark gate',
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_MS,
    stream: () => socket,
  })
  client.on('error', () => undefined)
  return { client, socket }
}

async function endClient({ client, socket }: Attempt): Promise<void> {
  if (!socket.destroyed) await Promise.race([client.end().catch(() => undefined), closed(socket)])
  socket.destroy()
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
