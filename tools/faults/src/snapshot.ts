import { readCatalog } from '@tidemark/test-servers'
import pg from 'pg'

/**
 * All that counts of a database after its migrations: equal snapshots mean that no disturbance left a trace.
 */
export interface Snapshot {
  readonly catalog: readonly string[]
  /** One line for each table: its rows counted, and a digest of them all. */
  readonly data: readonly string[]
  /** One line for each row of `schema_migrations`: what a finished run leaves in it, times and run aside. */
  readonly rows: readonly string[]
  /** One line for each id: how often an attempt completed it, and how often a hand edit was seen. */
  readonly completions: readonly string[]
  /** The summary row. */
  readonly summary: readonly string[]
  /** Advisory locks that someone holds. */
  readonly locks: readonly string[]
}

/** Runs one query and gives the column `line` of its rows. */
export type QueryLines = (query: string) => Promise<readonly string[]>

/** Takes a snapshot of a database of a server. */
export async function takeSnapshot(url: string): Promise<Snapshot> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const lines = async (query: string) => {
      const { rows } = await client.query<{ line: string }>(query)
      return rows.map(({ line }) => line)
    }
    const tables = await lines(TABLES)
    const data = tables.length === 0 ? [] : await lines(tables.map(digestOf).join(' UNION ALL '))
    return { catalog: await readCatalog(url), data, ...(await readTracking(lines)) }
  } finally {
    await client.end()
  }
}

/** Reads what the tracking tables and the locks say. */
export async function readTracking(
  lines: QueryLines,
): Promise<Pick<Snapshot, 'rows' | 'completions' | 'summary' | 'locks'>> {
  return {
    rows: await lines(ROWS),
    completions: await lines(COMPLETIONS),
    summary: await lines(SUMMARY),
    locks: await lines(LOCKS),
  }
}

/** Lists what differs, `-` for what is missing and `+` for what is too much; empty when nothing does. */
export function compareSnapshots(expected: Snapshot, found: Snapshot): readonly string[] {
  const parts = ['catalog', 'data', 'rows', 'completions', 'summary', 'locks'] as const
  return parts.flatMap((part) => compareLines(part, expected[part], found[part]))
}

/** Lists the lines that are missing or too much, each as often as it is. */
export function compareLines(
  part: string,
  expected: readonly string[],
  found: readonly string[],
): readonly string[] {
  return [
    ...without(expected, found).map((line) => `- ${part}: ${line}`),
    ...without(found, expected).map((line) => `+ ${part}: ${line}`),
  ]
}

/** The lines that occur more often in the first than in the second. */
function without(lines: readonly string[], others: readonly string[]): readonly string[] {
  const left = new Map<string, number>()
  for (const line of others) left.set(line, (left.get(line) ?? 0) + 1)
  return lines.filter((line) => {
    const count = left.get(line) ?? 0
    left.set(line, count - 1)
    return count <= 0
  })
}

const TABLES = `
  SELECT format('%I.%I', schemaname, tablename) AS line FROM pg_tables
  WHERE schemaname !~ '^pg_' AND schemaname <> 'information_schema'
    AND NOT (schemaname = 'public' AND tablename IN ('schema_migrations', 'migration_history', 'database_schema'))
  ORDER BY 1`

/** The rows of a table in one line, computed where they are. */
const digestOf = (table: string) => `
  SELECT format('%s %s rows %s', '${table}', count(*), md5(string_agg(t::text, E'\\n' ORDER BY t::text COLLATE "C"))) AS line
  FROM ONLY ${table} AS t`

const ROWS = `
  SELECT format('%s %s applied %s error %s direction %s done %s sql %s %s %s checksum %s header %s', id, status,
    applied_at IS NOT NULL, error_message, direction, statements_done, md5(up_sql), md5(down_sql), md5(verify_sql), checksum,
    header - 'last_applied_at' - 'last_applied_after') AS line
  FROM schema_migrations ORDER BY id COLLATE "C"`

const COMPLETIONS = `
  SELECT format('%s completed %s by hand %s', m.id,
    count(*) FILTER (WHERE h.status = 'completed' AND h.direction = 'up'),
    count(*) FILTER (WHERE h.direction NOT IN ('up', 'down'))) AS line
  FROM schema_migrations m LEFT JOIN migration_history h ON h.migration_id = m.id
  GROUP BY m.id ORDER BY m.id COLLATE "C"`

const SUMMARY = `SELECT format('%s %s %s', version, last_migration, applied_migrations) AS line FROM database_schema`

const LOCKS = `
  SELECT format('advisory lock of %s', pid) AS line FROM pg_locks
  WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
