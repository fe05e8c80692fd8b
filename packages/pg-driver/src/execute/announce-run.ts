import { sendMessage } from '../connection/send-message.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { type ExecutableStep, sqlOf } from '../script/step-script.ts'
import { execute } from '../statement/compiled-statement.ts'
import type { StatementProgress } from '../statement/tracking-tables.ts'
import { startStatement } from '../tracking/write/attempt.ts'
import { preconditionStatement } from '../tracking/write/precondition.ts'
import { subjectOf } from './recover.ts'

/** What an attempt before left in the row of a step that commits more than once. */
export interface EarlierAttempt {
  readonly progress: StatementProgress | null
  /** JSON, not yet read. */
  readonly batches: unknown
}

/** Writes `running`, where the step may run, and gives what an attempt before left. */
export async function announceRun(
  { connection, settings, run, lockKey }: ExecutionContext,
  step: ExecutableStep,
  statementsDone: number,
): Promise<EarlierAttempt> {
  const { id } = step
  const direction = step.kind === 'roll_back' ? 'down' : 'up'
  const rerun = sqlOf(step).header.run === 'on_change' ? 'allowed' : 'refused'
  const subject = subjectOf(step)
  await sendMessage(connection, 'BEGIN')
  await execute(
    connection,
    preconditionStatement(settings.schema, { id, direction, lockKey, runId: run.runId, after: [], rerun }),
  )
  const [row] = await execute<EarlierAttempt>(
    connection,
    startStatement(settings.schema, { subject, run, statementsDone }),
  )
  await sendMessage(connection, 'COMMIT')
  return row ?? { progress: null, batches: null }
}
