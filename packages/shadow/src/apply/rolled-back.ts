import type { Connection } from '@tidemark/pg-driver/engine'

/** Transactions that are rolled back, one after the other. */
export interface RolledBack {
  /** Runs something in a transaction of its own that is rolled back, whatever happens. */
  run<T>(work: (connection: Connection) => Promise<T>): Promise<T>
  /** Closes what is kept open for the next one. */
  leave(): Promise<void>
}

/**
 * Runs transactions that are rolled back.
 *
 * @param sessions `one` keeps a session from one transaction to the next: a new one has to plan the query of the
 *   catalog again, which costs more than most of what is tried. What outlives a rollback is taken away in between.
 */
export function createRolledBack(
  connect: () => Promise<Connection>,
  sessions: 'one' | 'each a new one',
): RolledBack {
  let idle: Connection | undefined
  const take = async () => {
    const taken = idle ?? (await connect())
    idle = undefined
    return taken
  }
  return {
    async run(work) {
      const connection = await take()
      let isClean = false
      try {
        await connection.query('BEGIN')
        return await work(connection)
      } finally {
        isClean = await cleanUp(connection).catch(() => false)
        if (isClean && sessions === 'one' && idle === undefined) idle = connection
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

/** Prepared statements, session locks and the last values of sequences outlive a rollback. */
async function cleanUp(connection: Connection): Promise<boolean> {
  await connection.query('ROLLBACK')
  await connection.query('RESET ALL')
  await connection.query('DISCARD SEQUENCES')
  const { rows } = await connection.query<{ foreign: boolean }>(
    `SELECT pg_catalog.pg_advisory_unlock_all(), EXISTS (SELECT FROM pg_catalog.pg_prepared_statements
       WHERE NOT pg_catalog.starts_with(name, 'tidemark_catalog_')) AS foreign`,
  )
  return rows[0]?.foreign === false
}
