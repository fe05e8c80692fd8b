import { quoteIdentifier } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { quoteTable, type SavedTable } from './table-state.ts'

/** The saved rows of a table that is there, beside it in a temporary table. */
export interface Aside {
  readonly table: SavedTable
  readonly name: string
  /** Columns that are written, quoted. */
  readonly columns: readonly string[]
}

/** Puts the saved rows of a table beside it, for the rest of the transaction. */
export async function putAside(
  connection: Connection,
  aside: Aside,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const { table, name, columns } = aside
  const list = columns.join(', ')
  await connection.query(
    `CREATE TEMPORARY TABLE ${name} ON COMMIT DROP AS SELECT ${list} FROM ${quoteTable(table)} WITH NO DATA`,
  )
  await connection.copyIn(
    columns.length === 0 ? `COPY ${name} FROM STDIN` : `COPY ${name} (${list}) FROM STDIN`,
    rows,
  )
}

/** Tells whether a table holds rows, and whether all of them are among those beside it. */
export async function compareRows(
  connection: Connection,
  aside: Aside,
): Promise<'none' | 'saved' | 'others'> {
  const table = quoteTable(aside.table)
  const row = rowOf(aside)
  const { rows } = await connection.query<{ any: boolean; others: boolean }>(
    `SELECT EXISTS (SELECT FROM ONLY ${table}) AS any, EXISTS (
       SELECT ${row} FROM ONLY ${table} EXCEPT ALL SELECT ${row} FROM ${aside.name}) AS others`,
  )
  if (rows[0]?.others === true) return 'others'
  return rows[0]?.any === true ? 'saved' : 'none'
}

/** Adds the rows that are missing; triggers of the table do not run. */
export async function fillTable(connection: Connection, aside: Aside): Promise<void> {
  const table = quoteTable(aside.table)
  const list = aside.columns.join(', ')
  const row = rowOf(aside)
  const triggers = await connection.query<{ name: string; enable: string }>(TRIGGERS, [
    aside.table.schema,
    aside.table.name,
  ])
  const alter = (action: string, name: string) =>
    connection.query(`ALTER TABLE ${table} ${action} TRIGGER ${quoteIdentifier(name)}`)
  for (const { name } of triggers.rows) await alter('DISABLE', name)
  await connection.query(
    `INSERT INTO ${table} (${list}) OVERRIDING SYSTEM VALUE SELECT ${list} FROM (
       SELECT *, ${row} AS "tidemark row", row_number() OVER (PARTITION BY ${row}) AS "tidemark copy" FROM ${aside.name}) AS saved
     WHERE "tidemark copy" > (SELECT count(*) FROM (
       SELECT ${row} AS "tidemark there" FROM ONLY ${table}) AS there WHERE "tidemark there" = "tidemark row")`,
  )
  for (const { name, enable } of triggers.rows) await alter(enable, name)
}

/** Every type can be compared as text. */
function rowOf({ columns }: Aside): string {
  return `ROW(${columns.join(', ')})::text`
}

const TRIGGERS = `SELECT t.tgname AS name, CASE t.tgenabled WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END AS enable
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
  WHERE n.nspname = $1::text AND c.relname = $2::text AND NOT t.tgisinternal AND t.tgenabled <> 'D'`

/** Puts tables behind those that their foreign keys lead to; what leads in a circle keeps its order. */
export async function orderByReference(
  connection: Connection,
  asides: readonly Aside[],
): Promise<readonly Aside[]> {
  const { rows } = await connection.query<{ from: string; to: string }>(REFERENCES)
  const byName = new Map(asides.map((aside) => [`${aside.table.schema}.${aside.table.name}`, aside]))
  const ordered = new Set<Aside>()
  const visited = new Set<string>()
  const visit = (name: string): void => {
    const aside = byName.get(name)
    if (aside === undefined || visited.has(name)) return
    visited.add(name)
    for (const { from, to } of rows) if (from === name) visit(to)
    ordered.add(aside)
  }
  for (const name of byName.keys()) visit(name)
  return [...ordered]
}

const REFERENCES = `SELECT an.nspname || '.' || a.relname AS "from", bn.nspname || '.' || b.relname AS "to"
  FROM pg_constraint k
  JOIN pg_class a ON a.oid = k.conrelid JOIN pg_namespace an ON an.oid = a.relnamespace
  JOIN pg_class b ON b.oid = k.confrelid JOIN pg_namespace bn ON bn.oid = b.relnamespace
  WHERE k.contype = 'f'`
