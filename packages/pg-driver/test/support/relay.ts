import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** What a relay lets one do with what passes. */
export interface Relay {
  /** The URL through the relay. */
  url(direct: string): string
  close(): Promise<void>
}

/** Told of what passes; may hold it back or cut the connection. */
export interface RelayObserver {
  fromClient?(
    data: Buffer,
    sockets: { readonly client: Socket; readonly server: Socket },
  ): 'pass' | 'hold' | undefined
  fromServer?(
    data: Buffer,
    sockets: { readonly client: Socket; readonly server: Socket },
  ): 'pass' | 'hold' | undefined
  /** Keeps the session of a client that is gone, as a pooler that resets nothing. */
  readonly keepsSessions?: boolean
}

/** Starts a TCP relay to the server of a URL, on 127.0.0.1. */
export async function startRelay(target: string, observer: RelayObserver): Promise<Relay> {
  const { hostname, port } = new URL(target)
  const sockets = new Set<Socket>()
  const listener = createServer({ noDelay: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port), noDelay: true })
    for (const socket of [client, server]) {
      sockets.add(socket)
      socket.on('error', () => undefined)
    }
    client.on('data', (data) => {
      if (observer.fromClient?.(data, { client, server }) !== 'hold') server.write(data)
    })
    server.on('data', (data) => {
      if (observer.fromServer?.(data, { client, server }) !== 'hold') client.write(data)
    })
    client.on('close', () => {
      if (observer.keepsSessions !== true) server.end()
    })
    server.on('close', () => client.destroy())
  })
  listener.listen(0, '127.0.0.1')
  await once(listener, 'listening')
  const address = listener.address()
  const own = isAddress(address) ? address.port : 0
  return {
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

function isAddress(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
