import { type Migration, quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import { type Direction, readStatements } from './read-statements.ts'
import { LEAVE } from './run-section.ts'
import { type TrialFailure, toTrialFailure } from './trial-failure.ts'

/**
 * Runs a section and commits it: in one transaction, or statement by statement where the file asks for none. No
 * record is written, so it is for a copy that is thrown away.
 *
 * @returns what failed; null when nothing did.
 */
export async function commitSection(
  connection: Connection,
  migration: Migration,
  direction: Direction,
): Promise<TrialFailure | null> {
  const { role, transaction } = migration.header
  const inTransaction = transaction === 'required'
  let place: number | null = null
  try {
    if (inTransaction) await connection.query('BEGIN')
    if (role !== null) {
      await connection.query(`SET ${inTransaction ? 'LOCAL ' : ''}ROLE ${quoteIdentifier(role)}`)
    }
    for await (const statement of readStatements(migration, direction)) {
      place = statement.place
      if (statement.copyData === undefined) await connection.query(statement.text)
      else await connection.copyIn(statement.text, statement.copyData)
    }
    place = null
    if (inTransaction) await connection.query('COMMIT')
    return null
  } catch (error) {
    return toTrialFailure(error, direction, place)
  } finally {
    if (inTransaction) await connection.query('ROLLBACK')
    for (const statement of LEAVE.slice(2)) await connection.query(statement)
  }
}
