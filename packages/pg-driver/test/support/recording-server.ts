import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'

/** What a client asked a {@link RecordingServer} for. */
export interface RecordedStart {
  /** Which of its endpoints was connected to. */
  readonly at: string
  /** The parameters of the startup packet. */
  readonly parameters: Readonly<Record<string, string>>
  /** The password that it sent when it was asked for one in clear text. */
  readonly password: string | undefined
}

/** A server that records what clients ask for, and refuses them. */
export interface RecordingServer {
  /** The last client since the last call; undefined where there was none. */
  take(): RecordedStart | undefined
  close(): Promise<void>
}

const SSL_REQUEST = 80_877_103
const GSS_REQUEST = 80_877_104

/**
 * Listens on named endpoints: ports of an address, or sockets in the file system. Where there is no IPv6 its
 * endpoint is left out.
 */
export async function startRecordingServer(
  endpoints: Readonly<
    Record<string, { readonly port: number; readonly host: string } | { readonly path: string }>
  >,
): Promise<RecordingServer> {
  let last: RecordedStart | undefined
  const servers = Object.entries(endpoints).map(([at, endpoint]): readonly [Server, typeof endpoint] => [
    createServer((socket) => {
      answer(socket, (start) => {
        last = { at, ...start }
      })
    }),
    endpoint,
  ])
  for (const [server, endpoint] of servers) {
    server.listen(endpoint)
    await once(server, 'listening').catch((error: unknown) => {
      if (!('host' in endpoint) || !endpoint.host.includes(':')) throw error
    })
  }
  return {
    take() {
      const taken = last
      last = undefined
      return taken
    },
    async close() {
      const listening = servers.map(([server]) => server).filter((server) => server.listening)
      for (const server of listening) server.close()
      await Promise.all(listening.map((server) => once(server, 'close')))
    },
  }
}

function answer(socket: Socket, record: (start: Omit<RecordedStart, 'at'>) => void): void {
  let parameters: Record<string, string> | undefined
  socket.on('error', () => undefined)
  socket.on('data', (data) => {
    if (parameters !== undefined) {
      if (data[0] === 'p'.charCodeAt(0))
        record({ parameters, password: data.toString('utf8', 5, data.length - 1) })
      socket.end(refusal())
      return
    }
    const code = data.readInt32BE(4)
    if (code === SSL_REQUEST || code === GSS_REQUEST) {
      socket.write('N')
      return
    }
    parameters = readParameters(data)
    record({ parameters, password: undefined })
    // AuthenticationCleartextPassword
    socket.write(Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]))
  })
}

function readParameters(data: Buffer): Record<string, string> {
  const words = data.toString('utf8', 8).split('\0')
  const pairs: (readonly [string, string])[] = []
  for (let index = 0; index + 1 < words.length && words[index] !== ''; index += 2) {
    pairs.push([words[index] ?? '', words[index + 1] ?? ''])
  }
  return Object.fromEntries(pairs)
}

function refusal(): Buffer {
  const fields = Buffer.from('SFATAL\0VFATAL\0C28P01\0Mrecorded\0\0')
  const head = Buffer.alloc(5)
  head.write('E')
  head.writeInt32BE(fields.length + 4, 1)
  return Buffer.concat([head, fields])
}
