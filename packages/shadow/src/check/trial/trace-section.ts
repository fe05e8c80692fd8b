import {
  compareSamples,
  type Migration,
  parseSessionSample,
  SESSION_SAMPLE_QUERY,
  type SessionSample,
  type StatementEffects,
} from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Direction } from './read-statements.ts'
import { runSection } from './run-section.ts'
import type { TrialFailure } from './trial-failure.ts'

/** What one statement of a migration did on the shadow. */
export interface TracedStatement {
  /** Its place in its section, from 0. */
  readonly statement: number
  readonly effects: StatementEffects
  /** On the shadow, whose tables are empty or nearly so: it says little about a table with rows. */
  readonly durationMs: number
}

/** What a section did, as far as it came. */
export interface TracedSection {
  readonly statements: readonly TracedStatement[]
  readonly failure: TrialFailure | null
}

/**
 * Runs a section in the transaction that is open, as `runSection` does, and looks after each statement at what
 * the session holds and has done.
 */
export async function traceSection(
  connection: Connection,
  migration: Migration,
  direction: Direction,
): Promise<TracedSection> {
  const statements: TracedStatement[] = []
  const start = await takeSample(connection)
  let before = start
  const failure = await runSection(connection, migration, direction, async (statement, durationMs) => {
    const after = await takeSample(connection)
    statements.push({ statement, effects: compareSamples({ start, before, after }), durationMs })
    before = after
  })
  return { statements, failure }
}

async function takeSample(connection: Connection): Promise<SessionSample> {
  const { rows } = await connection.query<{ sample: string }>(SESSION_SAMPLE_QUERY)
  const sample = rows[0]?.sample
  if (sample === undefined) throw new TypeError('the sample of a session has one row')
  return parseSessionSample(sample)
}
