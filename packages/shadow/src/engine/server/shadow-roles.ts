import { quoteIdentifier } from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import * as z from 'zod'
import type { ShadowDatabases } from './shadow-databases.ts'

/**
 * The roles that migrations made on a server that is there for shadows alone. They outlive the database that
 * they were made for, and would be in the way of the same migration the next time.
 */
export interface ShadowRoles {
  /** Notes which roles there are before migrations run, and gives it as text for {@link ShadowRoles.recover}. */
  watch(): Promise<string>
  /** Marks the roles that are new since what a killed process noted, and drops those that nothing needs. */
  recover(noted: string): Promise<void>
  /** Marks the roles that are new, drops those that nothing needs, and takes from the others what they were given. */
  leave(): Promise<void>
  /**
   * Drops a role of an earlier shadow that is in the way, with the kept databases that need it, but for one.
   *
   * @returns whether it is gone.
   */
  free(role: string, key: string | undefined): Promise<boolean>
}

const MARK = 'made by a migration in a shadow of Tidemark'

const NotedSchema = z.array(z.string())

/** What roles were given, as the statement that takes it back, with the roles that it names. */
const GIVEN = `SELECT pg_catalog.format('REVOKE %I FROM %I', r.rolname, m.rolname) AS undo,
  ARRAY[r.rolname::text, m.rolname::text] AS roles
FROM pg_catalog.pg_auth_members a JOIN pg_catalog.pg_roles r ON r.oid = a.roleid JOIN pg_catalog.pg_roles m ON m.oid = a.member
UNION ALL SELECT pg_catalog.format('ALTER ROLE %I RESET %s', rolname, pg_catalog.split_part(setting, '=', 1)), ARRAY[rolname::text]
FROM pg_catalog.pg_db_role_setting JOIN pg_catalog.pg_roles ON oid = setrole, pg_catalog.unnest(setconfig) setting
WHERE setdatabase = 0`

/** Makes the roles of a server, seen from the connection of its engine. */
export function createShadowRoles(connection: Connection, databases: ShadowDatabases): ShadowRoles {
  let before: { readonly roles: ReadonlySet<string>; readonly given: ReadonlySet<string> } | undefined
  const listGiven = async () =>
    (await connection.query<{ undo: string; roles: readonly string[] }>(GIVEN)).rows
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
  const dropNew = async (known: ReadonlySet<string>): Promise<void> => {
    for (const role of await list('true'))
      if (!known.has(role))
        await connection.query(`COMMENT ON ROLE ${quoteIdentifier(role)} IS '${MARK}'`).catch(() => undefined)
    for (const role of await listMarked()) await drop(role)
  }
  return {
    async watch() {
      before ??= {
        roles: new Set(await list('true')),
        given: new Set((await listGiven()).map(({ undo }) => undo)),
      }
      return JSON.stringify([...before.roles])
    },
    async recover(noted) {
      const roles = NotedSchema.safeParse(readJson(noted)).data
      if (roles !== undefined) await dropNew(new Set(roles))
    },
    async leave() {
      if (before === undefined) return
      const { roles, given } = before
      for (const { undo, roles: named } of await listGiven())
        if (!given.has(undo) && named.every((role) => roles.has(role) || role.startsWith('pg_')))
          await connection.query(undo)
      await dropNew(roles)
    },
    async free(role, key) {
      if (!(await listMarked()).includes(role)) return false
      if (await drop(role)) return true
      await databases.forgetAllBut(key)
      return drop(role)
    },
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
