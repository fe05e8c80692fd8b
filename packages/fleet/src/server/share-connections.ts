import { formatSearchPath } from '@tidemark/core'
import type { Connection, ConnectPurpose, Engine, SessionSetting } from '@tidemark/pg-driver/engine'
import type { ConnectionPool } from './connection-pool.ts'

/** What {@link shareConnections} needs. */
export interface SharingOptions {
  readonly pool: ConnectionPool
  readonly server: string
  /** What the connections of two targets must have in common to be used for both. */
  readonly identity: string
  readonly searchPath: readonly string[] | null
}

/**
 * Makes an engine take its connections from a pool, and give them back. The search_path of a target is set when
 * its session begins, and again whenever the session is reset: it is not in the startup options, which all
 * targets of a database share.
 */
export function shareConnections(engine: Engine, options: SharingOptions): Engine {
  const { pool, server, identity, searchPath } = options
  const paths: readonly SessionSetting[] =
    searchPath === null ? [] : [['search_path', formatSearchPath(searchPath)]]
  const connect = async (purpose: ConnectPurpose, signal?: AbortSignal): Promise<Connection> => {
    if (purpose === 'control') return engine.connect(purpose, signal)
    const key = { server, connection: `${purpose} ${identity}` }
    const connection = await pool.take(key, () => engine.connect(purpose, signal))
    const { statements = [], required = [], given } = connection.wantedSettings ?? {}
    const missing = given === 'not yet' ? { statements, required } : { statements: [], required: [] }
    return {
      ...connection,
      sessionSettings: [],
      wantedSettings: {
        statements: missing.statements,
        required: [...missing.required, ...paths],
        given: 'not yet',
      },
    }
  }
  return {
    ...engine,
    connect,
    // The end of another session needs a connection of its own.
    interrupt: (connection) => engine.interrupt(connection),
  }
}
