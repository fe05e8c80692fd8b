import type { EventEmitter } from 'node:events'
import type { ConnectionOptions } from 'node:tls'
import { TidemarkError } from '@tidemark/core'
import { type ConnectionUrl, readConnectionUrl, type SessionAttributes } from './connection-url.ts'
import { resolveTls, type TlsConfig } from './tls-config.ts'
import { wrongTls } from './url/tls-parameters.ts'

/**
 * What a client of `pg` is made with. Every field is given, so that nothing is left to the environment or to
 * what `pg` makes of a URL.
 */
export interface ClientTarget {
  readonly host: string
  readonly port: number
  readonly user: string
  readonly database: string
  /** A function, so that `pg` looks into no password file by itself; empty where there is no password. */
  readonly password: () => string
  readonly options?: string
  readonly application_name?: string
  readonly ssl: ConnectionOptions | false
  readonly sslnegotiation: 'postgres' | 'direct'
  readonly enableChannelBinding: boolean
}

/** No TLS, as to a server that has none. */
export const NO_TLS: TlsConfig = { mode: 'disable', ssl: null }

/** Says to `pg` where to connect and how, and with which startup options. */
export function toClientTarget(
  tls: TlsConfig,
  url: ConnectionUrl,
  options: string | undefined,
): ClientTarget {
  const { host, port, user, database } = url.target
  if (url.channelBinding === 'require' && tls.ssl === null) {
    throw wrongTls('channel_binding=require needs TLS', 'write sslmode=require, or leave channel_binding out')
  }
  return {
    host: url.address ?? host,
    port: port ?? 5432,
    user,
    database,
    password: () => url.password ?? '',
    ...(options === undefined || options === '' ? {} : { options }),
    ...(url.applicationName === undefined ? {} : { application_name: url.applicationName }),
    ssl: tls.ssl ?? false,
    sslnegotiation: tls.ssl === null ? 'postgres' : url.tls.negotiation,
    enableChannelBinding: url.channelBinding !== 'disable',
  }
}

/** Whether a server refused because it has no TLS: with mode `prefer` it is asked again without. */
export function isWithoutTls(error: unknown): boolean {
  return error instanceof Error && error.message === 'The server does not support SSL connections'
}

/** What is needed of a client of `pg` to check what the URL asks of a session. */
export interface CheckedClient {
  readonly connection: EventEmitter
  query(text: string): Promise<{ readonly rows: readonly Record<string, unknown>[] }>
}

/**
 * Watches a client that is about to connect, for what `pg` does not check by itself.
 *
 * @returns what to await once it is connected. Rejects with TM5001 for a server that `target_session_attrs`
 * does not want, with TM7052 for one that has no channel binding although it is required.
 */
export function watchRequirements(
  client: CheckedClient,
  { sessionAttributes, channelBinding }: Pick<ConnectionUrl, 'sessionAttributes' | 'channelBinding'>,
): () => Promise<void> {
  let isBound = false
  client.connection.once(
    'authenticationSASL',
    ({ mechanisms }: { readonly mechanisms: readonly string[] }) => {
      isBound = mechanisms.includes('SCRAM-SHA-256-PLUS')
    },
  )
  return async () => {
    if (channelBinding === 'require' && !isBound) {
      throw wrongTls('the server has no channel binding', 'leave channel_binding=require out')
    }
    await checkSession(client, sessionAttributes)
  }
}

/** `prefer-standby` among one host takes any. The startup options of a reader say nothing of the server. */
async function checkSession(client: CheckedClient, wanted: SessionAttributes): Promise<void> {
  if (wanted === 'any' || wanted === 'prefer-standby') return
  const { rows } = await client.query(
    `SELECT pg_catalog.pg_is_in_recovery() AS "isStandby", (SELECT s.setting = 'on' AND s.source <> 'client'
     FROM pg_catalog.pg_settings s WHERE s.name = 'default_transaction_read_only') AS "isReadOnly"`,
  )
  const isStandby = rows[0]?.['isStandby'] === true
  const isReadOnly = isStandby || rows[0]?.['isReadOnly'] === true
  const fits = {
    primary: !isStandby,
    standby: isStandby,
    'read-write': !isReadOnly,
    'read-only': isReadOnly,
  }[wanted]
  if (fits) return
  throw new TidemarkError({
    code: 'TM5001',
    message: `the server is ${isStandby ? 'a standby' : isReadOnly ? 'read-only' : 'the primary'}, and target_session_attrs=${wanted} asks for another`,
    help: 'name the host of such a server, or leave target_session_attrs out',
  })
}

/**
 * Opens a client of `pg`, whichever class it is, by the rules of `docs/connections.md`: the URL, the `PG*`
 * variables, TLS.
 *
 * @param open makes and connects a client; called a second time, without TLS, when mode `prefer` met a server
 * that has none. `watch` is called with the client before it connects, and its result awaited afterwards.
 * @throws TidemarkError TM5001, TM7050, TM7052 or TM7053; else what `open` rejects with.
 * @example await openByUrl('postgres://app@db/shop', async (target, watch) => { … })
 */
export async function openByUrl<T>(
  url: string,
  open: (target: ClientTarget, watch: (client: CheckedClient) => () => Promise<void>) => Promise<T>,
): Promise<T> {
  const read = readConnectionUrl(url)
  const watch = (client: CheckedClient) => watchRequirements(client, read)
  const tls = await resolveTls(read, undefined)
  try {
    return await open(toClientTarget(tls, read, read.options), watch)
  } catch (error) {
    if (tls.mode !== 'prefer' || !isWithoutTls(error)) throw error
    return open(toClientTarget(NO_TLS, read, read.options), watch)
  }
}
