import { isSpecialSchema, quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'

/** Makes the schemas of a search path, which a run finds on its target. */
export async function createPathSchemas(
  connect: () => Promise<Connection>,
  searchPath: readonly string[] = [],
): Promise<void> {
  const names = searchPath.filter((name) => !isSpecialSchema(name))
  if (names.length === 0) return
  const connection = await connect()
  try {
    for (const name of names) await connection.query(`CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(name)}`)
  } finally {
    await connection.close()
  }
}
