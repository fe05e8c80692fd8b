import { parse } from 'libpg-query'

/** Cuts a script into statements with PostgreSQL's own parser; its offsets are UTF-8 bytes. */
export async function splitByParser(sql: string): Promise<readonly string[]> {
  const bytes = Buffer.from(sql)
  const { stmts } = await parse(sql)
  return (stmts ?? []).map(({ stmt_location = 0, stmt_len }) =>
    bytes.subarray(stmt_location, stmt_len === undefined ? undefined : stmt_location + stmt_len).toString(),
  )
}
