import type { MigrationId, TidemarkError } from '@tidemark/core'
import { type AttemptSubject, progressStatement, recordFailedStatement, startStatement } from './attempt.ts'
import { execute } from './compiled-statement.ts'
import { attemptDetails, describeFailedStatement } from './describe-failure.ts'
import type { ExecutionContext } from './execution-context.ts'
import { recordAppliedStatement, recordRolledBackStatement } from './record.ts'
import { fullReset } from './session-reset.ts'
import { isConnectionLost } from './sql-state.ts'
import { type ExecutableStep, listScriptStatements, type ScriptStatement, sqlOf } from './step-script.ts'
import { summarizeStatement } from './summarize-statement.ts'
import { toServerNotice } from './to-server-notice.ts'

/** How far a step without a transaction came. */
interface Progress {
  readonly statements: readonly ScriptStatement[]
  /** Statements that are done, verify included. */
  done: number
  readonly startedAt: number
}

/**
 * Executes a step statement by statement, each committed by itself (`Transaction: none`). What is done is written down
 * after each, so that the next run goes on there.
 *
 * @returns why it failed; undefined when it is done and recorded.
 */
export async function applyUnwrapped(
  context: ExecutionContext,
  step: ExecutableStep,
  done: readonly MigrationId[],
): Promise<TidemarkError | undefined> {
  const { connection, settings, run } = context
  const statements = listScriptStatements(step)
  const progress: Progress = { statements, done: resumeAt(step), startedAt: performance.now() }
  try {
    await start(context, step, progress.done)
    for (const [index, statement] of statements.entries()) {
      if (index < progress.done) continue
      await runStatement(context, step, { index, statement, count: statements.length })
      progress.done = index + 1
      if (statement.kind === 'statement') await writeProgress(context, step, progress.done)
    }
    await connection.query(fullReset(context).join(';\n'))
    const transaction = { kind: 'none', executionTimeMs: performance.now() - progress.startedAt } as const
    await execute(
      connection,
      step.kind === 'roll_back'
        ? recordRolledBackStatement(settings.schema, { id: step.id, run, transaction })
        : recordAppliedStatement(settings.schema, { migration: step.migration, run, transaction }),
    )
    return undefined
  } catch (error) {
    if (!(error instanceof Error) || isConnectionLost(error)) throw error
    return recordFailure(context, step, { progress, error, done })
  } finally {
    connection.onNotice(null)
  }
}

function resumeAt(step: ExecutableStep): number {
  return step.kind === 'verify' ? 0 : step.resumeAt
}

async function start(context: ExecutionContext, step: ExecutableStep, statementsDone: number): Promise<void> {
  const { connection, settings, run } = context
  const { header } = sqlOf(step)
  const already = step.kind === 'verify' ? step.migration.up.statements.length : statementsDone
  await execute(
    connection,
    startStatement(settings.schema, { subject: subjectOf(step), run, statementsDone: already }),
  )
  if (header.lockTimeoutMs !== null) await connection.query(`SET lock_timeout = ${header.lockTimeoutMs}`)
  if (header.statementTimeoutMs !== null) {
    await connection.query(`SET statement_timeout = ${header.statementTimeoutMs}`)
  }
  if (header.role !== null) {
    await connection.query(`SET ROLE "${header.role.replaceAll('"', '""')}"`)
  }
}

async function runStatement(
  { connection, emit }: ExecutionContext,
  { id }: ExecutableStep,
  {
    index,
    statement,
    count,
  }: { readonly index: number; readonly statement: ScriptStatement; readonly count: number },
): Promise<void> {
  const { source, span, text, copyData } = statement
  connection.onNotice((notice) => emit({ kind: 'notice', id, index, notice: toServerNotice(notice) }))
  emit({ kind: 'statement_started', id, index, count, span, summary: summarizeStatement(source.text, span) })
  const startedAt = performance.now()
  if (copyData === undefined) await connection.query(text)
  else await connection.copyIn(text, [source.text.slice(copyData.start, copyData.end)])
  emit({ kind: 'statement_finished', id, index, count, durationMs: performance.now() - startedAt })
}

async function writeProgress(
  { connection, settings, run }: ExecutionContext,
  { id }: ExecutableStep,
  statementsDone: number,
): Promise<void> {
  await execute(
    connection,
    progressStatement(settings.schema, { id, runId: run.runId, statementsDone, started: null }),
  )
}

async function recordFailure(
  context: ExecutionContext,
  step: ExecutableStep,
  {
    progress,
    error,
    done,
  }: { readonly progress: Progress; readonly error: Error; readonly done: readonly MigrationId[] },
): Promise<TidemarkError> {
  const { connection, settings, run } = context
  await connection.query('ROLLBACK')
  await connection.query(fullReset(context).join(';\n'))
  const { source, up, header } = sqlOf(step)
  const statementsDone =
    step.kind === 'verify' ? step.migration.up.statements.length : Math.min(progress.done, up.length)
  const statement = progress.statements[progress.done]
  const described = await describeFailedStatement(context, {
    id: step.id,
    script: { source, statements: progress.statements, header, lockTimeoutMs: header.lockTimeoutMs ?? 0 },
    place:
      statement === undefined ? { kind: 'close' } : { kind: 'statement', index: progress.done, statement },
    error,
    blockers: [],
    attempt: 1,
    databaseState: `${statementsDone} of ${up.length} statements of "${step.id}" are done and stay; the next run goes on after them.${done.length === 0 ? '' : ` ${done.length} before it are done.`}`,
  })
  await execute(
    connection,
    recordFailedStatement(settings.schema, {
      subject: subjectOf(step),
      run,
      errorMessage: described.message,
      statementsDone,
      executionTimeMs: performance.now() - progress.startedAt,
      details: attemptDetails(described),
    }),
  )
  return described
}

function subjectOf(step: ExecutableStep): AttemptSubject {
  return step.kind === 'roll_back'
    ? { direction: 'down', id: step.id }
    : { direction: 'up', migration: step.migration }
}
