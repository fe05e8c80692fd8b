import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import type { FormatHistory, HistoryRow, HistoryTable } from '@tidemark/import'
import type { Connection } from '@tidemark/pg-driver/engine'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import type { DatabaseSettings } from '../database/require-database.ts'

/** The rows of another tool's table. */
export interface ForeignHistory {
  readonly schema: string
  readonly name: string
  readonly rows: readonly HistoryRow[]
}

/** Which table is meant. */
export interface ForeignHistoryRequest {
  /** How the tool keeps it; undefined: it keeps none. */
  readonly history: FormatHistory | undefined
  /** `name` or `schema.name`; undefined: where the tool keeps it by itself. */
  readonly table: string | undefined
}

/**
 * Reads what another tool says is applied.
 *
 * @throws {TidemarkError} TM7034 when there is no such table or it cannot be read; TM5001.
 */
export async function readForeignHistory(
  settings: DatabaseSettings,
  { history, table }: ForeignHistoryRequest,
): Promise<ForeignHistory> {
  const expected = history?.table
  if (expected === undefined) throw noHistory()
  const connection = await connect(settings)
  try {
    const found = chooseTable(await findTables(connection, table ?? expected.name), expected, table)
    return { schema: found.schema, name: found.name, rows: await readRows(connection, found, expected) }
  } finally {
    await connection.close()
  }
}

async function connect(settings: DatabaseSettings): Promise<Connection> {
  const { database, connectTimeoutMs } = settings
  const { connectToServer, pinSearchPath } = await import('@tidemark/pg-driver/engine')
  if (isEmbeddedUrl(database)) {
    const { createEmbeddedDatabase } = await import('@tidemark/embedded')
    const embedded = createEmbeddedDatabase({ database, profile: settings.embeddedProfile })
    return pinSearchPath(await embedded.connect('tidemark import'))
  }
  return pinSearchPath(
    await connectToServer({ url: database, applicationName: 'tidemark import', timeoutMs: connectTimeoutMs }),
  )
}

interface FoundTable {
  readonly schema: string
  readonly name: string
  readonly columns: readonly string[]
}

async function findTables(connection: Connection, named: string): Promise<readonly FoundTable[]> {
  const dot = named.lastIndexOf('.')
  const { rows } = await connection.query<{ schema: string; name: string; columns: string }>(
    `SELECT n.nspname AS schema, c.relname AS name, pg_catalog.string_agg(a.attname, ' ') AS columns
       FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       JOIN pg_catalog.pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
      WHERE c.relkind IN ('r', 'p', 'v') AND c.relname = $1 AND ($2 = '' OR n.nspname = $2)
      GROUP BY 1, 2 ORDER BY 1, 2`,
    [named.slice(dot + 1), dot === -1 ? '' : named.slice(0, dot)],
  )
  return rows.map(({ schema, name, columns }) => ({ schema, name, columns: columns.split(' ') }))
}

/**
 * The tool's own schema wins; elsewhere there must be only one that has the columns and is not a tracking
 * table of Tidemark.
 */
function chooseTable(
  found: readonly FoundTable[],
  expected: HistoryTable,
  named: string | undefined,
): FoundTable {
  const fitting = found.filter(
    ({ columns }) =>
      expected.columns.every((column) => columns.includes(column)) && !columns.includes('up_sql'),
  )
  const usual = fitting.find(({ schema }) => schema === expected.schema)
  const [only, second] = fitting
  if (usual !== undefined) return usual
  if (only !== undefined && second === undefined) return only
  if (second !== undefined) {
    const names = fitting.map(({ schema, name }) => `"${schema}.${name}"`).join(' and ')
    throw refused(`there are ${names}`, 'name the right one with `--table SCHEMA.NAME`')
  }
  const looked = named ?? `${expected.schema}.${expected.name}`
  const [other] = found
  if (other !== undefined) {
    throw refused(`"${other.schema}.${other.name}" has no column ${missing(other, expected)}`, NAME_TABLE)
  }
  throw refused(`there is no table "${looked}"`, NAME_TABLE)
}

const NAME_TABLE =
  'check that this is the database that the other tool migrated, or name its table with `--table SCHEMA.NAME`'

function missing({ columns }: FoundTable, expected: HistoryTable): string {
  return expected.columns
    .filter((column) => !columns.includes(column))
    .map((column) => `"${column}"`)
    .join(', ')
}

async function readRows(
  connection: Connection,
  { schema, name }: FoundTable,
  { columns }: HistoryTable,
): Promise<readonly HistoryRow[]> {
  const list = columns
    .map((column) => `${quoteIdentifier(column)}::pg_catalog.text AS ${quoteIdentifier(column)}`)
    .join(', ')
  const sql = `SELECT ${list} FROM ${quoteIdentifier(schema)}.${quoteIdentifier(name)} t ORDER BY t.${quoteIdentifier(columns[0] ?? '')}`
  try {
    return (await connection.query<Record<string, string | null>>(sql)).rows
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw refused(
      `"${schema}.${name}" cannot be read: ${reason}`,
      'connect as a role that may read it',
      cause,
    )
  }
}

function noHistory(): TidemarkError {
  const help = 'import without `--adopt`, then say what is applied: `tidemark baseline --through ID`'
  return refused('plain files have no table that says what is applied', help)
}

function refused(message: string, help: string, cause?: unknown): TidemarkError {
  return new TidemarkError({ code: 'TM7034', message, help, cause })
}
