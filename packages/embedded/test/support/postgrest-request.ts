import type { Connection } from '@tidemark/pg-driver/engine'

/**
 * Runs a statement as PostgREST runs a request: one transaction, the role and the claims of the token set in
 * it.
 */
export async function postgrestRequest(
  connection: Connection,
  role: 'anon' | 'authenticated' | 'service_role',
  user: string | null,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  const claims = JSON.stringify({ role, ...(user === null ? {} : { sub: user }) })
  await connection.query('BEGIN')
  try {
    await connection.query(`SET LOCAL ROLE ${role}`)
    await connection.query("SELECT set_config('request.jwt.claims', $1, true)", [claims])
    const { rows } = await connection.query(sql)
    await connection.query('COMMIT')
    return rows
  } catch (error) {
    await connection.query('ROLLBACK')
    throw error
  }
}
