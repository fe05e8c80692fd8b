import type { Duplex } from 'node:stream'
import type { ConnectionOptions } from 'node:tls'
import { type ConnectionUrl, readConnectionUrl } from './connection-url.ts'

/**
 * How a server is reached by the settings of a `Pool` or `Client` of `pg`, whatever they came from. Holds the
 * password: never to be printed.
 */
export interface DriverConnection extends ConnectionUrl {
  /** Asked again for each connection, as `pg` does: it may be a token that expires. */
  readonly askPassword: () => string | Promise<string>
  /** By the rules of `pg`: `true` checks the certificate. */
  readonly ssl: ConnectionOptions | boolean
  /** Takes the place of the network, such as the connector of a cloud. */
  readonly stream: (() => Duplex) | undefined
}

/** Where a server is: a `postgres://` URL, one that was read already, or the settings of a pool or client. */
export type ServerAddress = string | ConnectionUrl | DriverConnection

/**
 * Reads an address; a URL anew each time, with what it leaves out.
 *
 * @throws TidemarkError TM7050, TM7052.
 */
export function readAddress(
  address: ServerAddress,
  environment: NodeJS.ProcessEnv = process.env,
): ConnectionUrl | DriverConnection {
  return typeof address === 'string' ? readConnectionUrl(address, environment) : address
}
