import type { ConnectionOptions } from 'node:tls'
import { type ConnectionUrl, readConnectionUrl } from './connection-url.ts'
import { resolveTls, type TlsConfig } from './tls-config.ts'

/** What a client of `pg` is made with. Every field is given, so that nothing is left to the environment or to what `pg` makes of a URL. */
export interface ClientTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** Left out: the password file. */
  readonly password?: string
  readonly options?: string
  readonly ssl: ConnectionOptions | false
  readonly sslnegotiation?: 'direct'
  readonly enableChannelBinding?: true
}

/** No TLS, as to a server that has none. */
export const NO_TLS: TlsConfig = { mode: 'disable', ssl: null }

/** Says to `pg` where to connect and how. `startupOptions` come before those of the URL, which win. */
export function toClientTarget(tls: TlsConfig, url: ConnectionUrl, startupOptions?: string): ClientTarget {
  const { host, port, user, database } = url.target
  const startup = [startupOptions, url.options].filter((part) => part !== undefined).join(' ')
  return {
    host,
    port: port ?? 5432,
    user,
    database,
    ...(url.password === undefined ? {} : { password: url.password }),
    ...(startup === '' ? {} : { options: startup }),
    ssl: tls.ssl ?? false,
    ...(tls.ssl !== null && url.tls.negotiation === 'direct' ? { sslnegotiation: 'direct' as const } : {}),
    ...(url.channelBinding ? { enableChannelBinding: true as const } : {}),
  }
}

/** Whether a server refused because it has no TLS: with mode `prefer` it is asked again without. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

/**
 * Opens a client of `pg`, whoever makes it, by the rules of `docs/connections.md`: the URL, the `PG*` variables, TLS.
 *
 * @param open makes and connects a client; called a second time, without TLS, when mode `prefer` met a server that has none.
 * @throws TidemarkError TM7050, TM7052 or TM7053; else what `open` rejects with.
 * @example await openByUrl('postgres://app@db/shop', async (target) => { … })
 */
export async function openByUrl<T>(url: string, open: (target: ClientTarget) => Promise<T>): Promise<T> {
  const read = readConnectionUrl(url)
  const tls = await resolveTls(read.tls, undefined, read.target.host)
  try {
    return await open(toClientTarget(tls, read))
  } catch (error) {
    if (tls.mode !== 'prefer' || !isWithoutTls(error)) throw error
    return open(toClientTarget(NO_TLS, read))
  }
}
