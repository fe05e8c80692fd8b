import { formatSearchPath, TidemarkError, withTimeout } from '@tidemark/core'

import type { Connection, SessionSetting } from '../connection/connection.ts'
import type { UrlTarget } from '../connection/connection-url.ts'
import { readAddress, type ServerAddress } from '../connection/driver-connection.ts'
import { explainConnectFailure } from '../connection/explain-connect-failure.ts'
import { isServerError } from '../connection/sql-state.ts'
import { formatStartupOption, parseStartupOptions } from '../connection/url/startup-options.ts'
import { wait } from '../connection/wait.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import type { TlsOptions } from '../options/tls-options.ts'
import { pinSearchPath } from '../statement/search-path.ts'
import { applicationName } from './application-name.ts'
import type { ConnectPurpose, Engine } from './engine-port.ts'

/** How to reach a server. */
export interface ServerOptions {
  readonly url: ServerAddress
  /** Wins over `url` for migrating: the way round a transaction pooler. */
  readonly directUrl: string | undefined
  readonly connectTimeoutMs: number
  readonly ssl: TlsOptions | undefined
}

/** How long ending another server process may take before its socket is simply dropped. */
const INTERRUPT_LIMIT_MS = 2500

/** `pg` is among it, the largest part of what a run loads. */
const loadConnect = () => import('../connection/connect.ts')

/**
 * Makes the engine of a PostgreSQL server. `pg` is loaded ahead when that is asked for, else with the first
 * connection.
 */
export function createServerEngine(options: ServerOptions, settings: EngineSettings): Engine {
  const { target } = readAddress(options.directUrl ?? options.url)
  const engine: Engine = {
    target: { ...target, schema: settings.schema, systemIdentifier: null },
    poolerHelp: poolerHelp(target),
    load: loadConnect,
    connect: (purpose, signal) => connect(options, settings, purpose, signal),
    interrupt: (connection) => interrupt(engine, connection),
  }
  return engine
}

async function connect(
  server: ServerOptions,
  settings: EngineSettings,
  purpose: ConnectPurpose,
  signal: AbortSignal | undefined,
): Promise<Connection> {
  const url = purpose === 'read' ? server.url : (server.directUrl ?? server.url)
  const { connectToServer } = await loadConnect()
  const own = sessionSettings(settings, purpose)
  const options = [readAddress(url).sessionOptions ?? '', ...searchPathOptions(settings)].join(' ').trim()
  const asked = parseStartupOptions(options)
  const wanted = {
    statements: own.map(([name, value]) => `SET ${name} = '${value}'`),
    required: asked.settings,
  }
  const open = (startupOptions: string) =>
    connectToServer({
      url,
      applicationName: applicationName(),
      timeoutMs: server.connectTimeoutMs,
      ...(server.ssl === undefined ? {} : { ssl: server.ssl }),
      ...(signal === undefined ? {} : { signal }),
      startupOptions,
    })
  try {
    const connection = await open(
      [...own.map(([name, value]) => `-c ${name}=${value}`), options].join(' ').trim(),
    )
    return pinSearchPath({ ...connection, wantedSettings: { ...wanted, given: 'at startup' } })
  } catch (error) {
    if (signal?.aborted) throw interruptedConnecting(error)
    if (!isRefusedOption(error)) throw explainConnectFailure(error, url, server.connectTimeoutMs)
  }
  try {
    const connection = await open(asked.others.join(' '))
    return pinSearchPath({ ...connection, wantedSettings: { ...wanted, given: 'not yet' } })
  } catch (error) {
    if (signal?.aborted) throw interruptedConnecting(error)
    throw explainConnectFailure(error, url, server.connectTimeoutMs)
  }
}

/** The last one wins: so over that of the URL. */
function searchPathOptions({ searchPath }: EngineSettings): readonly string[] {
  return searchPath === null ? [] : [formatStartupOption('search_path', formatSearchPath(searchPath))]
}

function sessionSettings(settings: EngineSettings, purpose: ConnectPurpose): readonly SessionSetting[] {
  const { lockTimeoutMs, statementTimeoutMs } = settings
  const common: readonly SessionSetting[] = [
    ['client_connection_check_interval', '2s'],
    ['tcp_keepalives_idle', '10'],
    ['tcp_keepalives_interval', '5'],
    ['tcp_keepalives_count', '3'],
    ['idle_in_transaction_session_timeout', '5min'],
    ['idle_session_timeout', '0'],
    ['standard_conforming_strings', 'on'],
  ]
  const waiting: readonly SessionSetting[] = [...common, ['lock_timeout', String(lockTimeoutMs)]]
  // What a role or a database limits is not meant for reading the state of migrations.
  if (purpose === 'read')
    return [...waiting, ['statement_timeout', '0'], ['default_transaction_read_only', 'on']]
  if (purpose === 'migrate') return [...waiting, ['statement_timeout', String(statementTimeoutMs)]]
  // What is noted after an interrupt or a loss waits for no standby: it may be gone, and that the reason.
  return [...waiting, ['statement_timeout', '5s'], ['synchronous_commit', 'local']]
}

/** The answers of PgBouncer (08P01) and of servers to options that they do not know or take. */
function isRefusedOption(error: unknown): boolean {
  return isServerError(error) && ['08P01', '22023', '42704', '42501', '55P02', '0A000'].includes(error.code)
}

/** A cancel would hit only one of the statements in flight, so the whole server process is ended. */
async function interrupt(engine: Engine, connection: Connection): Promise<boolean> {
  const ended = terminate(engine, connection.processId).catch(() => false)
  const isGone = await withTimeout(ended, { limitMs: INTERRUPT_LIMIT_MS, onTimeout: () => false })
  connection.destroy()
  return isGone
}

async function terminate(engine: Engine, processId: number): Promise<boolean> {
  const control = await engine.connect('control')
  try {
    await control.query(`SELECT pg_catalog.pg_terminate_backend(${processId})`)
    for (;;) {
      const { rows } = await control.query(
        `SELECT 1 FROM pg_catalog.pg_stat_activity WHERE pid = ${processId}`,
      )
      if (rows.length === 0) return true
      await wait(20)
    }
  } finally {
    await control.close()
  }
}

function interruptedConnecting(cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM5008',
    message: 'interrupted while connecting',
    help: 'nothing was done; run it again',
    details: { applied: [] },
    cause,
  })
}

/** URL patterns only word the hint; the probe decides. */
function poolerHelp({ host, port, database, user }: UrlTarget): string {
  const shown = host.includes(':') ? `[${host}]` : host
  if (host.endsWith('.pooler.supabase.com') || port === 6543) {
    return `use the session pooler for migrating: set directUrl to postgres://${user}:…@${shown}:5432/${database}`
  }
  return `set directUrl (TIDEMARK_DIRECT_URL) to the server itself, or to a pooler in session mode, such as postgres://${user}:…@SERVER:5432/${database}`
}
