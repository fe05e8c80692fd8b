import { quoteIdentifier } from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import type { ShadowDatabases } from './shadow-databases.ts'

/**
 * The roles that migrations made on a server that is there for shadows alone. They outlive the database that
 * they were made for, and would be in the way of the same migration the next time.
 */
export interface ShadowRoles {
  /** Notes which roles there are before migrations run. */
  watch(): Promise<void>
  /** Marks the roles that are new, and drops those that nothing needs. */
  leave(): Promise<void>
  /**
   * Drops a role of an earlier shadow that is in the way, with the kept databases that need it, but for one.
   *
   * @returns whether it is gone.
   */
  free(role: string, key: string | undefined): Promise<boolean>
}

const MARK = 'made by a migration in a shadow of Tidemark'

/** Makes the roles of a server, seen from the connection of its engine. */
export function createShadowRoles(connection: Connection, databases: ShadowDatabases): ShadowRoles {
  let before: ReadonlySet<string> | undefined
  const list = async (where: string): Promise<readonly string[]> => {
    const { rows } = await connection.query<{ name: string }>(
      `SELECT rolname::text AS name FROM pg_catalog.pg_roles WHERE rolname !~ '^pg_' AND ${where}`,
    )
    return rows.map(({ name }) => name)
  }
  const listMarked = () => list(`pg_catalog.shobj_description(oid, 'pg_authid') = '${MARK}'`)
  const drop = async (role: string): Promise<boolean> => {
    try {
      await connection.query(`DROP ROLE IF EXISTS ${quoteIdentifier(role)}`)
      return true
    } catch (error) {
      if (isServerError(error)) return false // a kept database needs it
      throw error
    }
  }
  return {
    async watch() {
      before ??= new Set(await list('true'))
    },
    async leave() {
      for (const role of before === undefined ? [] : await list('true'))
        if (!before?.has(role))
          await connection
            .query(`COMMENT ON ROLE ${quoteIdentifier(role)} IS '${MARK}'`)
            .catch(() => undefined)
      for (const role of await listMarked()) await drop(role)
    },
    async free(role, key) {
      if (!(await listMarked()).includes(role)) return false
      if (await drop(role)) return true
      await databases.forgetAllBut(key)
      return drop(role)
    },
  }
}
