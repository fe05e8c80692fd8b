import { type Connection, isServerError, type ServerError } from '@tidemark/pg-driver/engine'
import type { TableFacts } from './table-facts.ts'

/** Writes a text as SQL reads it. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`
}

/**
 * Runs something of ours in the transaction that is open, and takes it back alone where the server refuses it.
 *
 * @returns what it gave, or what the server said.
 */
export async function attempt<T>(
  connection: Connection,
  work: () => Promise<T>,
): Promise<{ readonly value: T } | { readonly failure: ServerError }> {
  await connection.query('SAVEPOINT attempt')
  try {
    const value = await work()
    await connection.query('RELEASE attempt')
    return { value }
  } catch (error) {
    if (!isServerError(error)) throw error
    await connection.query('ROLLBACK TO attempt')
    await connection.query('RELEASE attempt')
    return { failure: error }
  }
}

/** Works on a table of which its own policies keep out even the owner. */
export async function withoutForcedSecurity<T>(
  connection: Connection,
  { name, forcesRowSecurity }: Pick<TableFacts, 'name' | 'forcesRowSecurity'>,
  work: () => Promise<T>,
): Promise<T> {
  if (!forcesRowSecurity) return work()
  const force = (word: string) =>
    attempt(connection, () => connection.query(`ALTER TABLE ${name} ${word} ROW LEVEL SECURITY`))
  await force('NO FORCE')
  const result = await work()
  await force('FORCE')
  return result
}
