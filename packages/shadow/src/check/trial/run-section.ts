import { type Migration, type MigrationSection, quoteIdentifier } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import { type Direction, readStatements } from './read-statements.ts'
import { type TrialFailure, toTrialFailure } from './trial-failure.ts'

/** Called after each statement; `place` is that in its section, from 0, the duration is measured by the client. */
export type AfterStatement = (place: number, durationMs: number) => Promise<void>

/**
 * Whether a section can run in the transaction of a trial: nothing in it wants a transaction of its own, and no
 * data travels outside of the SQL.
 */
export function runsInTrial(migration: Migration, section: MigrationSection): boolean {
  return (
    migration.header.transaction === 'required' &&
    migration.large === undefined &&
    section.statements.every(({ copyData }) => copyData === undefined)
  )
}

/**
 * Runs a section inside a transaction that is open, as the engine does: as the role of the header, deferred
 * constraints checked at the end, role and settings given back.
 *
 * @returns what failed; the transaction is aborted then. Null when nothing did.
 */
export async function runSection(
  connection: Connection,
  migration: Migration,
  direction: Direction,
  afterStatement?: AfterStatement,
): Promise<TrialFailure | null> {
  const { role } = migration.header
  let place: number | null = null
  try {
    if (role !== null) await connection.query(`SET LOCAL ROLE ${quoteIdentifier(role)}`)
    for await (const statement of readStatements(migration, direction)) {
      place = statement.place
      const startedAt = performance.now()
      if (statement.copyData === undefined) await connection.query(statement.text)
      else await connection.copyIn(statement.text, statement.copyData)
      await afterStatement?.(place, performance.now() - startedAt)
    }
    place = null
    for (const statement of LEAVE) await connection.query(statement)
    return null
  } catch (error) {
    return toTrialFailure(error, direction, place)
  }
}

/** Between two sections of one transaction. */
export const LEAVE = [
  'SET CONSTRAINTS ALL IMMEDIATE',
  'SET CONSTRAINTS ALL DEFERRED',
  'RESET SESSION AUTHORIZATION',
  'RESET ROLE',
  'RESET ALL',
]
