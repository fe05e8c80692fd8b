import { once } from 'node:events'
import type { Server } from 'node:net'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'

/** The address that only programs of this machine reach. */
export const LOCAL_HOST = '127.0.0.1'

/**
 * Makes a server listen on 127.0.0.1.
 *
 * @param name what the server is in an error, such as `the studio`
 * @param port 0 is any that is free
 * @returns the port
 * @throws TidemarkError TM7012 where the port cannot be listened on.
 * @example
 * import { createServer } from 'node:net'
 * const server = createServer()
 * const port = await listenLocally(server, 'the studio', 0)
 * server.close()
 */
export async function listenLocally(server: Server, name: string, port: number): Promise<number> {
  server.listen(port, LOCAL_HOST)
  try {
    await once(server, 'listening')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
    throw new TidemarkError({
      code: 'TM7012',
      message: `${name} cannot listen on ${LOCAL_HOST}:${port}${code}`,
      help: 'name another port with --port, or none for any that is free',
      cause,
    })
  }
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new TypeError('a server that listens has a port')
  return address.port
}
