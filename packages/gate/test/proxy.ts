import type { AddressInfo } from 'node:net'
import { connect, createServer, type Socket } from 'node:net'

/** A TCP proxy before a database: it can be cut and restored, as a network can. */
export interface Proxy {
  readonly url: string
  /** Drops every connection and refuses new ones. */
  cut(): void
  /**
   * Carries nothing any more on the connections there are, as behind a firewall that forgot them; new ones
   * work.
   */
  silence(): void
  /** Takes connections again. */
  restore(): void
  close(): Promise<void>
}

/** Starts a proxy on a free port of 127.0.0.1, before the server of `url`. */
export async function startProxy(url: string): Promise<Proxy> {
  const target = new URL(url)
  const sockets = new Set<Socket>()
  let down = false
  const server = createServer((near) => {
    if (down) {
      near.destroy()
      return
    }
    const far = connect(Number(target.port || 5432), target.hostname)
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(socket)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        sockets.delete(socket)
        other.destroy()
      })
      socket.pipe(other)
    }
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const proxied = new URL(url)
  proxied.hostname = '127.0.0.1'
  proxied.port = String(portOf(server.address()))
  return {
    url: proxied.href,
    cut() {
      down = true
      for (const socket of sockets) socket.destroy()
    },
    silence() {
      for (const socket of sockets) socket.unpipe().resume()
    },
    restore() {
      down = false
    },
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => resolve())
      }),
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new TypeError('no port')
  return address.port
}
