import { maskSecrets } from '@tidemark/core'
import { sendMessage } from '../connection/send-message.ts'
import type { ServerError } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import type { FailedStatement } from './describe-failure.ts'

interface OwnerRow {
  readonly connected: string
  readonly name: string | null
  readonly owner: string | null
  /** May become the owner by SET ROLE. */
  readonly member: boolean
  /** Has the owner's privileges without that. */
  readonly inherits: boolean
}

/**
 * Explains 42501: who is connected, the role the header asks for, who owns what the error names, and whether
 * the one is a member of the other. Best effort: what cannot be asked is left out.
 */
export async function explainPrivilege(
  { connection }: ExecutionContext,
  { script }: FailedStatement,
  error: ServerError,
): Promise<string> {
  const { role } = script.header
  const named = readName(error.message)
  const row = await sendMessage(connection, selectOwner(named, role))
    .then(([answer]) => answer?.rows[0] && toOwnerRow(answer.rows[0]))
    .catch(() => undefined)
  return maskSecrets(describe(row, { role, kind: named?.kind, setRole: readSetRole(error.message) }))
}

/** The catalog of each kind of object, with the columns for name and owner. */
const CATALOGS = {
  relation: { from: 'pg_class', name: 'relname', owner: 'relowner', visible: 'pg_table_is_visible' },
  schema: { from: 'pg_namespace', name: 'nspname', owner: 'nspowner', visible: null },
  routine: { from: 'pg_proc', name: 'proname', owner: 'proowner', visible: 'pg_function_is_visible' },
  type: { from: 'pg_type', name: 'typname', owner: 'typowner', visible: 'pg_type_is_visible' },
  database: { from: 'pg_database', name: 'datname', owner: 'datdba', visible: null },
} as const

interface NamedObject {
  /** In the words of the server: `table`, `materialized view`. */
  readonly kind: string
  readonly name: string
}

function readName(message: string): NamedObject | undefined {
  const match = /^(?:must be owner of|permission denied for) ([a-z ]+?) "?([^"]+?)"?$/.exec(message)
  const [, kind, name] = match ?? []
  if (kind === undefined || name === undefined) return undefined
  // Types are named with their schema.
  return { kind, name: kind === 'type' ? (name.split('.').at(-1) ?? name) : name }
}

function readSetRole(message: string): string | undefined {
  return /^(?:permission denied to set role|must be able to SET ROLE|must be member of role) "(.+)"$/.exec(
    message,
  )?.[1]
}

function catalogOf(kind: string): (typeof CATALOGS)[keyof typeof CATALOGS] {
  if (kind === 'schema' || kind === 'database') return CATALOGS[kind]
  if (['function', 'procedure', 'aggregate', 'routine'].includes(kind)) return CATALOGS.routine
  return kind === 'type' || kind === 'domain' ? CATALOGS.type : CATALOGS.relation
}

/**
 * Which of several objects of a name is meant says the search_path: so it stays, and operators name their
 * schema.
 */
function selectOwner(named: NamedObject | undefined, role: string | null): string {
  const acting = role === null ? 'current_user' : quote(role)
  const { from, name, owner, visible } = catalogOf(named?.kind ?? 'relation')
  const order = visible === null ? '' : ` ORDER BY pg_catalog.${visible}(x.oid) DESC`
  return `SELECT current_user::pg_catalog.text AS connected, o.name, o.owner,
      CASE WHEN o.oid IS NOT NULL THEN pg_catalog.pg_has_role(${acting}, o.oid, 'MEMBER') END AS member,
      CASE WHEN o.oid IS NOT NULL THEN pg_catalog.pg_has_role(${acting}, o.oid, 'USAGE') END AS inherits
    FROM (SELECT 1) AS one LEFT JOIN LATERAL (
      SELECT x.${name}::pg_catalog.text AS name, r.rolname::pg_catalog.text AS owner, r.oid
      FROM pg_catalog.${from} x JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) x.${owner}
      WHERE x.${name} OPERATOR(pg_catalog.=) ${quote(named?.name ?? '')}${order} LIMIT 1) AS o ON true`
}

function toOwnerRow(row: Readonly<Record<string, unknown>>): OwnerRow {
  const text = (column: string) => (typeof row[column] === 'string' ? row[column] : null)
  return {
    connected: String(row['connected']),
    name: text('name'),
    owner: text('owner'),
    member: row['member'] === true,
    inherits: row['inherits'] === true,
  }
}

function describe(
  row: OwnerRow | undefined,
  failed: {
    readonly role: string | null
    readonly kind: string | undefined
    readonly setRole: string | undefined
  },
): string {
  const connected = row === undefined ? 'the connected role' : `"${row.connected}"`
  if (failed.setRole !== undefined) {
    return `the connection is ${connected}, which is not a member of "${failed.setRole}": GRANT "${failed.setRole}" TO ${connected} (from PostgreSQL 16 on WITH SET TRUE)`
  }
  const acting = failed.role ?? row?.connected
  const runs =
    failed.role === null
      ? `the migration runs as ${connected}`
      : `the migration runs as "${failed.role}" (connected as ${connected})`
  if (row === undefined || row.owner === null || acting === undefined) {
    return `${runs}: grant it the privilege, or name another role with "-- Role: …" in the header`
  }
  const what = `${failed.kind ?? 'object'} "${row.name}" belongs to "${row.owner}"`
  if (!row.member) {
    return `${runs}; ${what}, of which "${acting}" is not a member: connect as "${row.owner}", GRANT "${row.owner}" TO "${acting}", or grant it the privilege itself`
  }
  if (row.inherits && acting !== row.owner) {
    return `${runs}; ${what}, of which "${acting}" is a member: this takes more than the owner's privileges, perhaps a superuser`
  }
  return acting === row.owner
    ? `${runs}; ${what}: this takes more than the owner's privileges, or they were revoked`
    : `${runs}; ${what}, of which "${acting}" is a member without inheriting: write "-- Role: ${row.owner}" in the header`
}

function quote(text: string): string {
  return `E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`
}
