import {
  compareSamples,
  type Migration,
  parseSessionSample,
  quoteIdentifier,
  readStatementFacts,
  SESSION_SAMPLE_QUERY,
  type SessionSample,
  type StatementEffects,
  type StatementFacts,
  scanSql,
} from '@tidemark/core'
import { type Connection, isServerError } from '@tidemark/pg-driver/engine'
import { readStatements, type SectionStatement } from '../../check/trial/read-statements.ts'
import { LEAVE } from '../../check/trial/run-section.ts'
import { type TrialFailure, toTrialFailure } from '../../check/trial/trial-failure.ts'
import { locksByManual } from './locks-by-manual.ts'

/** What one statement did on the copy. */
export interface StepTrace {
  /** Its place in what runs, from 0. */
  readonly place: number
  readonly facts: StatementFacts
  readonly effects: StatementEffects
  /** Whether its locks were seen: a statement that refuses a transaction has given them back before one can look. */
  readonly locks: 'seen' | 'by_manual'
  /** What was there before the plan began, and before and after this statement. */
  readonly before: SessionSample
  readonly after: SessionSample
}

/** What a step did, as far as it came. */
export interface TracedStep {
  readonly traces: readonly StepTrace[]
  readonly failure: TrialFailure | null
}

/** What {@link traceStep} works on. */
export interface TraceGround {
  readonly connection: Connection
  /** Before the first statement of the plan: what is not in it is made by the plan. */
  readonly start: SessionSample
  /** What names are looked up in; null for the default. */
  readonly searchPath: string | null
}

/**
 * Runs a step on the copy and commits it, and looks after each statement at what it did. A step that runs in one
 * transaction is rolled back when it fails; of another one what it did before stays, as on the target.
 */
export async function traceStep(ground: TraceGround, migration: Migration): Promise<TracedStep> {
  const traces: StepTrace[] = []
  const inTransaction = migration.header.transaction === 'required'
  const { connection } = ground
  let place: number | null = null
  try {
    if (inTransaction) await enter(ground, migration)
    let before = await takeSample(connection)
    for await (const statement of readStatements(migration, 'up')) {
      place = statement.place
      const facts = factsOf(statement.text)
      const traced = inTransaction
        ? await traceInside(ground, statement)
        : await traceAlone(ground, migration, statement, facts)
      const effects = compareSamples({ start: ground.start, before, after: traced.after })
      const byManual =
        traced.locks === 'by_manual'
          ? locksByManual(effects, { start: ground.start, before, after: traced.after })
          : []
      traces.push({
        place,
        facts,
        effects: { ...effects, locks: [...effects.locks, ...byManual] },
        locks: traced.locks,
        before,
        after: traced.after,
      })
      // Outside of a transaction the counters of what ran before may still be there.
      before = inTransaction ? traced.after : await takeSample(connection)
    }
    place = null
    if (inTransaction) {
      for (const statement of LEAVE) await connection.query(statement)
      await connection.query('COMMIT')
    }
    return { traces, failure: null }
  } catch (error) {
    return { traces, failure: toTrialFailure(error, 'up', place) }
  } finally {
    await connection.query('ROLLBACK')
    for (const statement of LEAVE.slice(2)) await connection.query(statement)
  }
}

/** The text is one statement. */
function factsOf(text: string): StatementFacts {
  const [statement] = scanSql(text).statements
  if (statement === undefined) throw new TypeError('a statement of a section has code')
  return readStatementFacts(text, statement)
}

/** Reads what the session of the copy knows. */
export async function takeSample(connection: Connection): Promise<SessionSample> {
  const { rows } = await connection.query<{ sample: string }>(SESSION_SAMPLE_QUERY)
  const sample = rows[0]?.sample
  if (sample === undefined) throw new TypeError('the sample of a session has one row')
  return parseSessionSample(sample)
}

interface Traced {
  readonly after: SessionSample
  readonly locks: StepTrace['locks']
}

async function enter(
  { connection, searchPath }: TraceGround,
  { header: { role } }: Migration,
): Promise<void> {
  await connection.query('BEGIN')
  if (searchPath !== null) await connection.query(`SET LOCAL search_path TO ${searchPath}`)
  if (role !== null) await connection.query(`SET LOCAL ROLE ${quoteIdentifier(role)}`)
}

async function traceInside({ connection }: TraceGround, statement: SectionStatement): Promise<Traced> {
  await execute(connection, statement)
  return { after: await takeSample(connection), locks: 'seen' }
}

/** A statement with a transaction of its own: inside of one where it lets us, so that its locks can be seen. */
async function traceAlone(
  ground: TraceGround,
  migration: Migration,
  statement: SectionStatement,
  facts: StatementFacts,
): Promise<Traced> {
  const { connection } = ground
  if (facts.refusesTransaction === undefined) {
    try {
      await enter(ground, migration)
      const traced = await traceInside(ground, statement)
      await connection.query('COMMIT')
      return traced
    } catch (error) {
      if (!isServerError(error) || !WANTS_NO_TRANSACTION.has(error.code)) throw error
      await connection.query('ROLLBACK')
    }
  }
  const { role } = migration.header
  if (ground.searchPath !== null) await connection.query(`SET search_path TO ${ground.searchPath}`)
  if (role !== null) await connection.query(`SET ROLE ${quoteIdentifier(role)}`)
  await execute(connection, statement)
  return { after: await takeSample(connection), locks: 'by_manual' }
}

/** A procedure that commits, and what refuses a transaction block although its text does not show it. */
const WANTS_NO_TRANSACTION: ReadonlySet<string> = new Set(['2D000', '25001'])

async function execute(connection: Connection, { text, copyData }: SectionStatement): Promise<void> {
  if (copyData === undefined) await connection.query(text)
  else await connection.copyIn(text, copyData)
}
