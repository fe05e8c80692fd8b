import { isServerError } from '../connection/sql-state.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import type { FailedStatement } from './describe-failure.ts'
import { namesIn } from './names-in.ts'

/** Where names of a SQLSTATE that says "already exists" are; columns with their table. */
const CATALOGS: Readonly<Record<string, readonly string[]>> = {
  '42P07': ['SELECT relname FROM pg_catalog.pg_class'],
  '42710': [
    "SELECT typname FROM pg_catalog.pg_type LEFT JOIN pg_catalog.pg_class ON pg_class.oid = typrelid WHERE relkind IS NULL OR relkind = 'c'",
    'SELECT conname FROM pg_catalog.pg_constraint',
    'SELECT tgname FROM pg_catalog.pg_trigger',
    'SELECT polname FROM pg_catalog.pg_policy',
    'SELECT rulename FROM pg_catalog.pg_rewrite',
    'SELECT extname FROM pg_catalog.pg_extension',
    'SELECT pubname FROM pg_catalog.pg_publication',
    'SELECT evtname FROM pg_catalog.pg_event_trigger',
    'SELECT srvname FROM pg_catalog.pg_foreign_server',
    'SELECT fdwname FROM pg_catalog.pg_foreign_data_wrapper',
    'SELECT lanname FROM pg_catalog.pg_language',
    'SELECT collname FROM pg_catalog.pg_collation',
    'SELECT stxname FROM pg_catalog.pg_statistic_ext',
    'SELECT rolname FROM pg_catalog.pg_roles',
    'SELECT spcname FROM pg_catalog.pg_tablespace',
  ],
}

/** Tells whether a SQLSTATE says that something exists already. */
export function isExisting(code: string): boolean {
  return code === '42701' || code in CATALOGS
}

/**
 * Explains that something exists already. Only what is there outside of the migration, which is rolled back
 * now, can be adopted; what is not was made twice by the file itself; and of a migration that was rolled back
 * before it may be what its `@down` left.
 */
export async function explainExisting(
  context: ExecutionContext,
  failed: FailedStatement,
  { code, message }: { readonly code: string; readonly message: string },
): Promise<string> {
  const names = namesIn(message, failed, 'quoted')
  const isThere = await exists(context, code, names).catch(() => undefined)
  const what = code === '42701' ? 'the column' : 'it'
  if (isThere === false && failed.script.header.transaction !== 'none') {
    return `${what} does not exist outside of this migration: the file itself makes it twice`
  }
  if (await wasRolledBack(context, failed.id)) {
    return `${what} already exists, and this migration was rolled back before: if its @down did not remove all that it made, complete the @down, and remove the rest by hand`
  }
  const adopt = `${what} already exists: if the database was not created by these migrations, check what it has, then adopt it with "tidemark baseline --through ID"`
  return failed.script.header.transaction === 'none'
    ? `${adopt}; if an earlier statement of this file made it, remove one of the two, or write IF NOT EXISTS`
    : adopt
}

async function exists(
  { connection }: ExecutionContext,
  code: string,
  names: readonly string[],
): Promise<boolean | undefined> {
  if (names.length === 0) return undefined
  const catalogs = CATALOGS[code]
  const known = catalogs?.join(' UNION ALL ')
  const sql =
    known === undefined
      ? `SELECT EXISTS (SELECT FROM pg_catalog.pg_attribute a JOIN pg_catalog.pg_class c ON c.oid = a.attrelid
           WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attname = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json))) AND c.relname = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json)))) AS exists`
      : `SELECT EXISTS (SELECT FROM (${known}) AS known(name) WHERE name = ANY (ARRAY(SELECT pg_catalog.json_array_elements_text($1::pg_catalog.json)))) AS exists`
  const { rows } = await connection.query<{ exists: boolean }>(sql, [JSON.stringify(names)])
  return rows[0]?.exists
}

async function wasRolledBack({ connection, settings }: ExecutionContext, id: string): Promise<boolean> {
  try {
    const attempts = await createTrackingStore(connection, settings.schema).listAttempts({ id, limit: 20 })
    return attempts.some(({ status, direction }) => direction === 'down' && status === 'rolled_back')
  } catch (error) {
    if (isServerError(error)) return false
    throw error
  }
}
