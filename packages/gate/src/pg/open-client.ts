import { Socket } from 'node:net'
import { type CheckedClient, type ClientTarget, openByUrl } from '@tidemark/pg-driver/client'
import pg from 'pg'

/** A connection of the gate's own. Ending it never waits for a server that does not answer. */
export interface OpenedClient {
  /** Settles when connected; rejects when that fails, or when the connection is ended meanwhile. */
  readonly connected: Promise<pg.Client>
  /** Settles when the connection has ended, from either side, or could not be made. */
  readonly over: Promise<void>
  /** Whether the connection keeps the process alive. */
  hold(held: boolean): void
  /** Ends the connection, and closes the socket when the server does not. */
  end(): Promise<void>
}

interface Attempt {
  readonly client: pg.Client
  readonly socket: Socket
}

/** How long connecting may take, in milliseconds. */
const CONNECT_TIMEOUT_MS = 10_000
/** How long a server may take to close a connection that was ended, in milliseconds. */
const CLOSE_TIMEOUT_MS = 500

/** Starts to connect, by the rules of `docs/connections.md`. */
export function openClient(url: string): OpenedClient {
  let current: Attempt | undefined
  let held = true
  let ended = false
  let resolveOver: () => void = () => undefined
  const over = new Promise<void>((resolve) => {
    resolveOver = resolve
  })

  async function attempt(
    target: ClientTarget,
    watch: (client: CheckedClient) => () => Promise<void>,
  ): Promise<pg.Client> {
    if (ended) throw new Error('the connection was ended before it was made')
    const { client, socket } = makeClient(target)
    current = { client, socket }
    if (!held) socket.unref()
    const checkRequirements = watch(client)
    await Promise.race([client.connect().then(checkRequirements), rejectOnClose(socket)])
    client.once('end', resolveOver)
    return client
  }

  const connected = openByUrl(url, attempt)
  connected.catch(resolveOver)
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
    application_name: 'tidemark gate',
    ...target,
    keepAlive: true,
    keepAliveInitialDelayMillis: 10_000,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    stream: () => socket,
  })
  client.on('error', () => undefined)
  return { client, socket }
}

async function endClient({ client, socket }: Attempt): Promise<void> {
  if (!socket.destroyed) await Promise.race([client.end().catch(() => undefined), closed(socket)])
  socket.destroy()
}

/** Settles when the socket is closed, by this process after {@link CLOSE_TIMEOUT_MS} at the latest. */
function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    const limit = setTimeout(() => socket.destroy(), CLOSE_TIMEOUT_MS)
    socket.once('close', () => {
      clearTimeout(limit)
      resolve()
    })
  })
}

function rejectOnClose(socket: Socket): Promise<never> {
  return new Promise((_, reject) => {
    socket.once('close', () => reject(new Error('the connection was closed before it was made')))
  })
}
