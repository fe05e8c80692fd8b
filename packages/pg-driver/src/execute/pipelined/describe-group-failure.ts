import type { MigrationId, TidemarkError } from '@tidemark/core'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { describeFailedStatement, listDone, preconditionFailureOf } from '../../failure/describe-failure.ts'
import type { GroupFailure } from './run-pipelined.ts'

/**
 * Describes why a step of a group failed, after it was rolled back. Asks the server for what a hint needs.
 */
export async function describeGroupFailure(
  context: ExecutionContext,
  { failed, script, failure, blockers }: GroupFailure,
  done: readonly MigrationId[],
): Promise<TidemarkError> {
  const { id } = failed.step
  const { error, statementMs } = failure
  // What a look at the tracking tables finds was done by the statement before it.
  const place =
    failure.place.kind === 'tables_check' ? { ...failure.place, kind: 'statement' as const } : failure.place
  return describeFailedStatement(context, {
    id,
    script,
    place,
    error,
    statementMs,
    blockers,
    attempt: failed.attempt,
    databaseState: describeState(id, error, done),
    direction: failed.step.kind === 'roll_back' ? 'down' : 'up',
  })
}

function describeState(id: MigrationId, error: Error, done: readonly MigrationId[]): string {
  const own =
    preconditionFailureOf(error) === 'transaction'
      ? `"${id}" is not recorded, but what it did before it ended its transaction may have stayed.`
      : `The database is unchanged by "${id}" (rolled back).`
  return done.length === 0 ? own : `${own} ${listDone(done)}`
}
