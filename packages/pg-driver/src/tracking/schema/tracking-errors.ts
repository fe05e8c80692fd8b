import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import { isServerError, type ServerError, SQL_STATE } from '../../connection/sql-state.ts'
import type { TrackingState } from './tracking-state.ts'

/** Tells whether a read failed because the table or its schema does not exist. */
export function isMissingTable(error: unknown): boolean {
  return isServerError(error) && (error.code === '42P01' || error.code === '3F000')
}

/** Tells whether a read failed because the table has other columns than ours. */
export function isMissingColumn(error: unknown): boolean {
  return isServerError(error) && ['42703', '42883', '42804', '42846', '42809'].includes(error.code)
}

/** Turns a refusal for want of a privilege into TM3005 that names the role; any other error is given back. */
export function explainRefusal(error: unknown, schema: string): unknown {
  if (!isServerError(error) || error.code !== SQL_STATE.insufficientPrivilege) return error
  return refusesRole(schema, error.message, error)
}

/** Who would have to create the tracking tables, and where. */
export interface Founding {
  readonly role: string
  readonly database: string
  readonly databaseOwner: string
}

/**
 * Makes TM3005 for tables that do not exist and that this role may not create: in the schema, or with it. An
 * owner that is `pg_database_owner` can neither log in nor be granted: the owner of the database is named.
 */
export function mayNotCreate(
  { schemaExists, schemaOwner }: Pick<TrackingState, 'schemaExists' | 'schemaOwner'>,
  schema: string,
  { founding, cause }: { readonly founding: Founding; readonly cause: ServerError },
): TidemarkError {
  const { role, database, databaseOwner } = founding
  const [to, name] = [quoteIdentifier(role), quoteIdentifier(schema)]
  const isOfDatabase = schemaOwner === null || schemaOwner.owner === 'pg_database_owner'
  const owner = isOfDatabase ? databaseOwner : schemaOwner.owner
  const since =
    isOfDatabase && schemaExists ? ' (since PostgreSQL 15 only the owner of the database may)' : ''
  const onDatabase = `GRANT CREATE ON DATABASE ${quoteIdentifier(database)} TO ${to}`
  const ways = [
    ...(schemaExists
      ? [`as "${owner}": GRANT USAGE, CREATE ON SCHEMA ${name} TO ${to}`]
      : [`as "${owner}": ${onDatabase}`]),
    ...(schemaExists && schema !== 'tidemark' ? [`${onDatabase} and run with --schema tidemark`] : []),
    ...(isOfDatabase ? [`as a superuser: ALTER DATABASE ${quoteIdentifier(database)} OWNER TO ${to}`] : []),
  ]
  return new TidemarkError({
    code: 'TM3005',
    message: schemaExists
      ? `"${role}" may not create tables in schema "${schema}"${since}`
      : `"${role}" may not create the schema "${schema}" in database "${database}"`,
    help: ways.join('; or '),
    details: { schema, sqlState: SQL_STATE.insufficientPrivilege },
    cause,
  })
}

/**
 * Finds why this session cannot write the tables of a schema, before it tries: TM5013 when nothing can be
 * written at all, TM3005 when this role may not. A missing table is not a reason: creating it shows whether
 * it may.
 */
export function findWriteRefusal(
  { readOnly, tables }: Pick<TrackingState, 'readOnly' | 'tables'>,
  schema: string,
): TidemarkError | null {
  if (readOnly !== null) return readOnlyServer(readOnly)
  const closed = tables.find(({ writable }) => !writable)
  return closed === undefined
    ? null
    : refusesRole(
        schema,
        `"${closed.name}" belongs to "${closed.owner}", and this role has no privilege to write it`,
      )
}

function refusesRole(schema: string, why: string, cause?: ServerError): TidemarkError {
  return new TidemarkError({
    code: 'TM3005',
    message: `the tracking tables in schema "${schema}" refuse this role: ${why}`,
    help: 'connect as the owner of the tables to migrate; to read, name the role in "readers" and run "tidemark up" as the owner',
    details: { schema, sqlState: SQL_STATE.insufficientPrivilege },
    ...(cause === undefined ? {} : { cause }),
  })
}

function readOnlyServer(why: 'replica' | 'setting'): TidemarkError {
  return new TidemarkError({
    code: 'TM5013',
    message: why === 'replica' ? 'this server is a replica and read-only' : 'this session is read-only',
    help:
      why === 'replica'
        ? 'migrate on the primary: set directUrl to its URL; reading works here'
        : 'default_transaction_read_only is on for this role, database or URL: turn it off, or use another role',
    details: { why },
  })
}

const OTHER_SCHEMA = 'keep its table and use another schema for Tidemark (--schema tidemark)'
const IMPORTED: ReadonlySet<string> = new Set(['Rails or dbmate', 'golang-migrate'])

/** Makes TM3001 for a table of that name which is not ours. */
export function foreignTable(schema: string, table: string, columns: readonly string[]): TidemarkError {
  const owner = ownerOf(table, columns)
  return new TidemarkError({
    code: 'TM3001',
    message: `"${schema}"."${table}" belongs to ${owner}: its columns are ${columns.join(', ') || 'none'}`,
    help: IMPORTED.has(owner)
      ? `${OTHER_SCHEMA}; "tidemark import --adopt" does that and adopts its history`
      : OTHER_SCHEMA,
    details: { schema, table, columns, owner },
  })
}

function ownerOf(table: string, columns: readonly string[]): string {
  const sorted = [...columns].sort().join()
  if (table !== 'schema_migrations') return 'something else'
  if (sorted === 'version') return 'Rails or dbmate'
  if (sorted === 'dirty,version') return 'golang-migrate'
  if (sorted.includes('version') && sorted.includes('inserted_at')) return 'Ecto'
  if (sorted === 'name,statements,version' || sorted === 'statements,version') return 'the Supabase CLI'
  return 'another tool'
}

/** Makes TM3002 for a type of that name which is not ours. */
export function foreignType(schema: string, type: string, found: string): TidemarkError {
  return new TidemarkError({
    code: 'TM3002',
    message: `the type "${schema}"."${type}" is not Tidemark's: it is ${found}`,
    help: 'keep the type and use another schema for Tidemark (--schema tidemark)',
    details: { schema, type, found },
  })
}

/** Makes TM3008 for tracking objects of a role that we do not trust, or with what we do not make on them. */
export function untrustedObjects(
  schema: string,
  found: readonly string[],
  table: string | null,
): TidemarkError {
  const name = `${quoteIdentifier(schema)}${table === null ? '' : `.${quoteIdentifier(table)}`}`
  return new TidemarkError({
    code: 'TM3008',
    message: `the tracking objects in schema "${schema}" cannot be trusted: ${found.join('; ')}`,
    help: `look at them with ${table === null ? `\\dn+ ${name}` : `\\d+ ${name}`} in psql; drop what does not belong there, let a role that you trust own them, or use another schema (--schema tidemark)`,
    details: { schema, found },
  })
}
