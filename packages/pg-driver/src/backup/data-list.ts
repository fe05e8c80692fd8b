import { rm, writeFile } from 'node:fs/promises'
import type { Connection } from '../connection/connection.ts'
import { runProgram } from './client-program.ts'
import { quoteTable, type SavedTable } from './find-tables.ts'

/**
 * Writes the list by which `pg_restore` fills tables that are there: data alone, and a table after those that it refers to, since
 * their foreign keys hold already. Tables that refer to each other in a circle stay in the order of the dump.
 *
 * @returns the path of the list; `removeDataList` removes it.
 */
export async function writeDataList(
  connection: Connection,
  { dump, tables }: { readonly dump: string; readonly tables: readonly SavedTable[] },
): Promise<string> {
  const { stdout } = await runProgram('pg_restore', ['--list', dump])
  const lines = stdout.split('\n').filter((line) => / (TABLE DATA|SEQUENCE SET) /.test(line))
  const order = await orderByReference(connection, tables)
  const place = (line: string): number => {
    const found = order.findIndex(({ schema, name }) => line.includes(` TABLE DATA ${schema} ${name} `))
    return found === -1 ? order.length : found
  }
  const path = `${dump}.list`
  await writeFile(path, `${lines.sort((a, b) => place(a) - place(b)).join('\n')}\n`)
  return path
}

/** Removes what {@link writeDataList} wrote. */
export async function removeDataList(path: string): Promise<void> {
  await rm(path, { force: true })
}

async function orderByReference(
  connection: Connection,
  tables: readonly SavedTable[],
): Promise<readonly SavedTable[]> {
  const { rows } = await connection.query<{ from: string; to: string }>(REFERENCES)
  const names = new Map(tables.map((table) => [quoteTable(table), table]))
  const ordered: SavedTable[] = []
  const seen = new Set<string>()
  const visit = (name: string): void => {
    const table = names.get(name)
    if (table === undefined || seen.has(name)) return
    seen.add(name)
    for (const { from, to } of rows) if (from === name && to !== name) visit(to)
    ordered.push(table)
  }
  for (const name of names.keys()) visit(name)
  return ordered
}

const QUOTED = (alias: string) =>
  `'"' || pg_catalog.replace(${alias}n.nspname, '"', '""') || '"."' || pg_catalog.replace(${alias}.relname, '"', '""') || '"'`

const REFERENCES = `SELECT ${QUOTED('a')} AS "from", ${QUOTED('b')} AS "to"
  FROM pg_catalog.pg_constraint k
  JOIN pg_catalog.pg_class a ON a.oid = k.conrelid JOIN pg_catalog.pg_namespace an ON an.oid = a.relnamespace
  JOIN pg_catalog.pg_class b ON b.oid = k.confrelid JOIN pg_catalog.pg_namespace bn ON bn.oid = b.relnamespace
  WHERE k.contype = 'f'`
