import { type Connection, isServerError } from '@tidemark/pg-driver/engine'

/** Transactions that are rolled back, one after the other. */
export interface RolledBack {
  /**
   * Runs something in a transaction of its own that is rolled back, whatever happens, unless `keeps` says of what it
   * gave that it is to stay.
   *
   * @returns what it gave, and whether it stays: a commit may fail.
   */
  run<T>(
    work: (connection: Connection) => Promise<T>,
    keeps?: (result: T) => boolean,
  ): Promise<{ readonly result: T; readonly isKept: boolean }>
  /** Closes what is kept open for the next one. */
  leave(): Promise<void>
}

/**
 * Runs transactions that are rolled back. A session is kept from one to the next: a new one has to plan the query of
 * the catalog again, which costs more than most of what is tried. What outlives a transaction is taken away in between.
 */
export function createRolledBack(connect: () => Promise<Connection>): RolledBack {
  let idle: Connection | undefined
  const take = async () => {
    const taken = idle ?? (await connect())
    idle = undefined
    return taken
  }
  return {
    async run(work, keeps = () => false) {
      const connection = await take()
      try {
        await connection.query('BEGIN')
        const result = await work(connection)
        return { result, isKept: keeps(result) && (await commits(connection)) }
      } finally {
        const isClean = await cleanUp(connection).catch(() => false)
        if (isClean && idle === undefined) idle = connection
        else await connection.close()
      }
    },
    async leave() {
      const left = idle
      idle = undefined
      await left?.close()
    },
  }
}

/** False where the server rolls back instead. */
async function commits(connection: Connection): Promise<boolean> {
  try {
    return (await connection.query('COMMIT')).tag === 'COMMIT'
  } catch (error) {
    if (isServerError(error)) return false
    throw error
  }
}

/** What outlives a transaction, but for prepared statements. */
const LEFT = ['ROLLBACK', 'CLOSE ALL', 'RESET ALL', 'UNLISTEN *', 'DISCARD TEMP', 'DISCARD SEQUENCES']

/** @returns whether the session is as a new one. */
async function cleanUp(connection: Connection): Promise<boolean> {
  for (const statement of LEFT) await connection.query(statement)
  const { rows } = await connection.query<{ foreign: boolean }>(
    `SELECT pg_catalog.pg_advisory_unlock_all(), EXISTS (SELECT FROM pg_catalog.pg_prepared_statements
       WHERE NOT pg_catalog.starts_with(name, 'tidemark_catalog_')) AS foreign`,
  )
  return rows[0]?.foreign === false
}
