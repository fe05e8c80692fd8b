import type { Connection } from '../connection/connection.ts'

/**
 * Lists the schemas that an API serves: those on which a role that API keys become, `anon` or `authenticated`,
 * was granted USAGE by name. That the roles exist says nothing: all databases of a server share them.
 */
export async function listExposedSchemas(connection: Connection): Promise<readonly string[]> {
  const { rows } = await connection.query<{ name: string }>(EXPOSED)
  return rows.map(({ name }) => name)
}

const EXPOSED = `SELECT n.nspname::pg_catalog.text AS name FROM pg_catalog.pg_namespace n WHERE EXISTS (
    SELECT FROM pg_catalog.aclexplode(n.nspacl) AS a JOIN pg_catalog.pg_roles r ON r.oid = a.grantee
    WHERE a.privilege_type = 'USAGE' AND r.rolname = ANY ('{anon,authenticated}')
  ) ORDER BY n.nspname`
