import type { FailedStatement } from './describe-failure.ts'
import type { ExecutionContext } from './execution-context.ts'
import { maskSecrets } from './mask-secrets.ts'
import type { ServerError } from './sql-state.ts'

interface OwnerRow {
  readonly connected: string
  readonly name: string | null
  readonly owner: string | null
  readonly member: boolean | null
}

/**
 * Explains 42501: who is connected, the role the header asks for, who owns what the error names, and whether the one is a
 * member of the other. Best effort: what cannot be asked is left out.
 */
export async function explainPrivilege(
  { connection }: ExecutionContext,
  { script }: FailedStatement,
  error: ServerError,
): Promise<string> {
  const named = /(?:of|for) (?:\w+ )+"?([^"\s]+)"?$/.exec(error.message)?.[1]
  const role = script.header.role
  const acting = role === null ? 'current_user' : quote(role)
  const rows = await connection
    .query<OwnerRow>(
      `SELECT current_user::text AS connected, o.name, o.owner, CASE WHEN o.oid IS NULL THEN NULL
         ELSE pg_catalog.pg_has_role(${acting}, o.oid, 'MEMBER') END AS member
       FROM (SELECT 1) AS one LEFT JOIN LATERAL (
         SELECT c.relname::text AS name, r.rolname::text AS owner, r.oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_roles r ON r.oid = c.relowner WHERE c.relname = ${quote(named ?? '')}
         UNION ALL SELECT n.nspname::text, r.rolname::text, r.oid FROM pg_catalog.pg_namespace n JOIN pg_catalog.pg_roles r ON r.oid = n.nspowner WHERE n.nspname = ${quote(named ?? '')}
         UNION ALL SELECT p.proname::text, r.rolname::text, r.oid FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_roles r ON r.oid = p.proowner WHERE p.proname = ${quote(named ?? '')}
         LIMIT 1) AS o ON true`,
    )
    .then((answer) => answer.rows)
    .catch(() => [])
  return maskSecrets(describe(rows[0], role))
}

function describe(row: OwnerRow | undefined, role: string | null): string {
  const connected = row === undefined ? 'the connected role' : `role "${row.connected}"`
  const acting =
    role === null
      ? `the migration runs as ${connected}`
      : `the migration runs as "${role}" (connected as ${connected})`
  if (row === undefined || row.owner === null) {
    return `${acting}: grant it the privilege, or name another role with "-- Role: …" in the header`
  }
  const relation = row.member ? 'it is a member of' : 'it is not a member of'
  const next = row.member
    ? `write "-- Role: ${row.owner}" in the header`
    : `GRANT "${row.owner}" TO "${role ?? row.connected}", or connect as "${row.owner}"`
  return `${acting}; "${row.name}" belongs to "${row.owner}", and ${relation} "${row.owner}": ${next}`
}

function quote(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
