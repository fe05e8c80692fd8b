import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'

/** A relay to a server that keeps what passes. */
export interface Recorder {
  /** The URL through the relay. */
  url(direct: string): string
  /**
   * Texts that clients sent, in order: whole messages of the simple protocol, and statements that were
   * parsed.
   */
  readonly statements: readonly string[]
  /** Messages of the errors that the server answered, in order. */
  readonly errors: readonly string[]
  close(): Promise<void>
}

const STARTUP_VERSION = 196_608

/**
 * Starts a relay on 127.0.0.1 that reads along on the way to the server of a URL. Only for connections
 * without TLS: it answers the request for it itself.
 *
 * @see https://www.postgresql.org/docs/current/protocol-message-formats.html
 */
export async function startRecorder(target: string): Promise<Recorder> {
  const { hostname, port } = new URL(target)
  const statements: string[] = []
  const errors: string[] = []
  const sockets = new Set<Socket>()
  const listener = createServer((client) => {
    const server = connect({ host: hostname, port: Number(port) })
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    const read = readMessages((type, body) => {
      if (type === 'Q') statements.push(body.toString('utf8', 0, body.length - 1))
      if (type === 'P')
        statements.push(body.toString('utf8', body.indexOf(0) + 1, body.indexOf(0, body.indexOf(0) + 1)))
    })
    const answered = readMessages((type, body) => {
      if (type === 'E') errors.push(/\0M([^\0]*)/.exec(`\0${body.toString('utf8')}`)?.[1] ?? '')
    })
    let isStarted = false
    client.on('data', (data) => {
      if (isStarted) read(data)
      // The startup message comes whole, and nothing is behind it before the server has answered.
      else if (data.readInt32BE(4) !== STARTUP_VERSION) return client.write('N')
      isStarted = true
      return server.write(data)
    })
    server.on('data', (data) => {
      answered(data)
      client.write(data)
    })
    client.on('close', () => server.end())
    server.on('close', () => client.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const own = typeof address === 'object' && address !== null ? address.port : 0
  return {
    statements,
    errors,
    url(direct) {
      const url = new URL(direct)
      url.hostname = '127.0.0.1'
      url.port = String(own)
      return url.href
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      listener.close()
      await once(listener, 'close')
    },
  }
}

/** Cuts a stream of bytes into messages: a letter, a length that counts itself, and a body. */
function readMessages(onMessage: (type: string, body: Buffer) => void): (data: Buffer) => void {
  let rest = Buffer.alloc(0)
  return (data) => {
    rest = Buffer.concat([rest, data])
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const end = 1 + rest.readUInt32BE(1)
      onMessage(String.fromCharCode(rest[0] ?? 0), rest.subarray(5, end))
      rest = rest.subarray(end)
    }
  }
}
