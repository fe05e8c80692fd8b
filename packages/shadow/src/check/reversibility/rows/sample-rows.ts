import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { RowLoss } from './row-reversibility.ts'
import { attempt, quoteText, withoutForcedSecurity } from './run-query.ts'
import type { TableFacts } from './table-facts.ts'

/** A table with more rows than this is not compared. */
const MOST_ROWS = 10_000

/** The rows of a table, each as the hashes of its values by column; null for NULL. */
export interface TableSample {
  readonly columns: readonly string[]
  readonly key: readonly string[]
  readonly rows: readonly (readonly (string | null)[])[]
}

/** Reads the rows of a table; a text says why they cannot be compared. */
export async function sampleTable(connection: Connection, table: TableFacts): Promise<TableSample | string> {
  const { name, partitioned, columns, constraints } = table
  const names = columns.filter(({ generated }) => !generated).map((column) => column.name)
  const key = constraints.find(({ kind }) => kind === 'p')?.columns ?? []
  const read = await withoutForcedSecurity(connection, table, () =>
    readRows(connection, `${partitioned ? '' : 'ONLY '}${name}`, names),
  )
  if (typeof read === 'string') return read
  return { columns: names, key: key.flatMap((column) => column ?? []), rows: read }
}

async function readRows(
  connection: Connection,
  from: string,
  columns: readonly string[],
): Promise<TableSample['rows'] | string> {
  const hashes = columns.map((column) => `md5(${quoteIdentifier(column)}::text)`)
  const list = hashes.length === 0 ? 'ARRAY[]::text[]' : `ARRAY[${hashes.join(', ')}]`
  const read = await attempt(connection, async () => {
    await connection.query('SET LOCAL row_security = off')
    const answer = await connection.query<{ row: string }>(
      `SELECT to_json(${list})::text AS row FROM ${from} LIMIT ${MOST_ROWS + 1}`,
    )
    await connection.query('SET LOCAL row_security = on')
    return answer
  })
  if ('failure' in read) return read.failure.message
  if (read.value.rows.length > MOST_ROWS) return `it has more than ${MOST_ROWS} rows`
  return read.value.rows.map(({ row }) => JSON.parse(row))
}

interface Found {
  readonly name: string
  readonly partitioned: boolean
  readonly forcesRowSecurity: boolean
}

/**
 * Compares the rows of a table with those from before. Rows that were added do not count.
 *
 * @returns null where all is as before; a text where the rows cannot be read.
 */
export async function compareWithSample(
  connection: Connection,
  table: TableFacts,
  before: TableSample,
): Promise<RowLoss | string | null> {
  const { rows: found } = await connection.query<Found>(
    `SELECT a.attname::text AS name, c.relkind = 'p' AS partitioned,
       c.relrowsecurity AND c.relforcerowsecurity AS "forcesRowSecurity" FROM pg_catalog.pg_class c LEFT JOIN pg_catalog.pg_attribute a
       ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
     WHERE c.oid = to_regclass(${quoteText(table.name)}) AND c.relkind IN ('r', 'p')`,
  )
  const loss = { table: table.name, of: before.rows.length }
  if (found.length === 0)
    return before.rows.length === 0 ? null : { ...loss, rows: before.rows.length, columns: [] }
  const there = new Set(found.map(({ name }) => name))
  const columns = before.columns.filter((column) => there.has(column))
  const { partitioned = false, forcesRowSecurity = false } = found[0] ?? {}
  const after = await withoutForcedSecurity(connection, { name: table.name, forcesRowSecurity }, () =>
    readRows(connection, `${partitioned ? '' : 'ONLY '}${table.name}`, columns),
  )
  if (typeof after === 'string') return after
  const gone = before.columns.filter((column) => !there.has(column))
  const compared = compareRows({ ...before, ...pick(before, columns) }, after)
  const rows = compared.rows
  const lostColumns = before.rows.length > rows ? [...gone, ...compared.columns] : []
  return rows === 0 && lostColumns.length === 0 ? null : { ...loss, rows, columns: lostColumns }
}

/** Narrows a sample to some of its columns. */
function pick(sample: TableSample, columns: readonly string[]): TableSample {
  const places = columns.map((column) => sample.columns.indexOf(column))
  return {
    columns,
    key: sample.key.every((column) => columns.includes(column)) ? sample.key : [],
    rows: sample.rows.map((row) => places.map((place) => row[place] ?? null)),
  }
}

type Rows = TableSample['rows']

function compareRows(
  { columns, key, rows: before }: TableSample,
  after: Rows,
): Pick<RowLoss, 'rows' | 'columns'> {
  if (contains(after, before)) return { rows: 0, columns: [] }
  const keyPlaces = key.map((column) => columns.indexOf(column))
  const keyOf = (row: Rows[number]) => JSON.stringify(keyPlaces.map((place) => row[place]))
  const byKey = new Map(after.map((row) => [keyOf(row), row]))
  const matched = before.flatMap((row) => {
    const other = byKey.get(keyOf(row))
    return other === undefined ? [] : [{ row, other }]
  })
  if (key.length > 0 && (matched.length === before.length || after.length < before.length)) {
    const changed = columns.filter((_, place) =>
      matched.some(({ row, other }) => row[place] !== other[place]),
    )
    return { rows: before.length - matched.length, columns: changed }
  }
  const lost = Math.max(before.length - after.length, 0)
  if (lost > 0) return { rows: lost, columns: [] }
  const column = (rows: Rows, place: number) => rows.map((row) => [row[place] ?? null])
  const changed = columns.filter((_, place) => !contains(column(after, place), column(before, place)))
  return { rows: 0, columns: changed.length > 0 ? changed : columns }
}

/** Whether every row is there, as often as before. */
function contains(rows: Rows, others: Rows): boolean {
  const counts = new Map<string, number>()
  for (const row of rows) {
    const text = JSON.stringify(row)
    counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return others.every((row) => {
    const text = JSON.stringify(row)
    const left = counts.get(text) ?? 0
    counts.set(text, left - 1)
    return left > 0
  })
}
