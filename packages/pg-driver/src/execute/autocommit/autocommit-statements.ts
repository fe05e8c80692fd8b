import type { MigrationId } from '@tidemark/core'
import { sendMessage } from '../../connection/send-message.ts'
import { isServerError, SQL_STATE } from '../../connection/sql-state.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { lockLost } from '../../lock/run-errors.ts'
import { tryLock } from '../../lock/run-lock.ts'
import { STREAMED_COPY_SIZE } from '../../script/pipelined-messages.ts'
import type { ScriptStatement } from '../../script/step-script.ts'
import { inlineParameters } from '../../statement/inline-parameters.ts'
import type { StatementProgress } from '../../statement/tracking-tables.ts'
import { progressStatement } from '../../tracking/write/attempt.ts'
import { notBuilt } from './autocommit-errors.ts'
import { AS_CONNECTED, type AutocommitSession } from './autocommit-session.ts'
import { executionModeOf, factsOf, isConcurrent } from './execution-mode.ts'
import { stateOfBuilt } from './index-state.ts'
import { describeBefore, type StandaloneStatement, settleStarted } from './started-statement.ts'

/**
 * Runs single statements of a step without a transaction, each with its progress: in one transaction with it,
 * or, where that cannot be, announced in the row before and noted there after.
 */
export class AutocommitStatements {
  readonly #context: ExecutionContext
  readonly #id: MigrationId
  readonly #session: AutocommitSession
  #started: StatementProgress | undefined

  constructor(context: ExecutionContext, id: MigrationId, session: AutocommitSession) {
    this.#context = context
    this.#id = id
    this.#session = session
  }

  /** What is announced in the row and not done. */
  get started(): StatementProgress | undefined {
    return this.#started
  }

  /** Takes up what an earlier attempt announced. */
  resume(started: StatementProgress | undefined): void {
    this.#started = started
  }

  /** Runs one statement, unless an earlier attempt has: its effect is looked for where it was announced. */
  async run(index: number, statement: ScriptStatement): Promise<void> {
    const facts = factsOf(statement)
    const mode = executionModeOf(facts)
    const standalone: StandaloneStatement = { index, text: statement.text, mode }
    const limited = isConcurrent(mode)
    const run = async () => {
      if (await this.isSettled(standalone)) await this.#writeProgress(index + 1, undefined)
      else if (mode.kind !== 'wrapped' || !(await this.#runWrapped(index, statement))) {
        await this.#runStandalone(standalone)
      }
    }
    await (limited ? this.#session.withoutLockTimeout(run) : run())
    this.#session.note(facts)
    if (facts.sessionTouches.some(({ kind }) => kind === 'discard' || kind === 'advisory_lock')) {
      await this.#keepLock()
    }
  }

  /** Looks for the effect of what an earlier attempt announced. */
  async isSettled(statement: StandaloneStatement): Promise<boolean> {
    if (this.#started === undefined || this.#started.started !== statement.index) return false
    const started = this.#started
    const settle = () => settleStarted(this.#context.connection, statement, started)
    // FINALIZE waits for a lock that others queue behind; indexes are dropped CONCURRENTLY.
    const isLimited = started.detaching !== undefined
    const settled = await (isLimited ? settle() : this.#session.withoutLockTimeout(settle))
    return settled === 'done'
  }

  /** Drops what an announced statement left half done, where it does not come next any more. */
  async dropRemains(): Promise<void> {
    if (this.#started === undefined) return
    await this.isSettled({ index: this.#started.started, text: '', mode: { kind: 'repeated' } })
    this.#started = undefined
  }

  /**
   * @returns false when PostgreSQL refuses the statement in a transaction although its text does not show it.
   */
  async #runWrapped(index: number, statement: ScriptStatement): Promise<boolean> {
    const { connection } = this.#context
    const close = [...AS_CONNECTED, this.#progressText(index + 1, undefined), 'COMMIT'].join(';\n')
    const outcomes = await Promise.allSettled(
      isLarge(statement)
        ? await this.#streamWrapped(statement, close)
        : [
            sendMessage(connection, 'BEGIN'),
            sendMessage(connection, statement.text, copyDataOf(statement)),
            sendMessage(connection, close),
          ],
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) {
      this.#started = undefined
      return true
    }
    if (!isServerError(failed.reason)) throw failed.reason
    await sendMessage(connection, 'ROLLBACK')
    if (failed.reason.code === SQL_STATE.activeTransaction) return false
    throw failed.reason
  }

  async #streamWrapped(statement: ScriptStatement, close: string): Promise<readonly Promise<unknown>[]> {
    const { connection } = this.#context
    await sendMessage(connection, 'BEGIN')
    const copied = connection.copyIn(statement.text, statement.copyStream ?? [copyDataOf(statement) ?? ''])
    await copied.catch(() => undefined)
    return [copied, sendMessage(connection, close)]
  }

  async #runStandalone(statement: StandaloneStatement): Promise<void> {
    const { connection } = this.#context
    const { index, text, mode } = statement
    // What an earlier attempt saw before it began still separates its remains from what was there before.
    const known = this.#started?.started === index ? this.#started.invalidIndexes : undefined
    const before = await describeBefore(connection, statement)
    await this.#writeProgress(index, known === undefined ? before : { ...before, invalidIndexes: known })
    await sendMessage(connection, text)
    if (mode.kind === 'build_index' && before.index !== undefined) {
      const built = await stateOfBuilt(connection, before.index)
      if (built !== 'valid') throw notBuilt(this.#id, { index: before.index, built, build: mode.build })
    }
    await this.#writeProgress(index + 1, undefined)
  }

  async #writeProgress(done: number, started: StatementProgress | undefined): Promise<void> {
    const parts = ['BEGIN', ...AS_CONNECTED, this.#progressText(done, started), 'COMMIT']
    const { connection } = this.#context
    try {
      await sendMessage(connection, parts.join(';\n'))
    } catch (error) {
      // Its BEGIN would stay open and refuse whatever comes next; on a lost connection the first error
      // counts.
      await sendMessage(connection, 'ROLLBACK').catch(() => undefined)
      throw error
    }
    this.#started = started
  }

  #progressText(statementsDone: number, started: StatementProgress | undefined): string {
    const { settings, run } = this.#context
    const id = this.#id
    return inlineParameters(
      progressStatement(settings.schema, { id, runId: run.runId, statementsDone, started: started ?? null }),
    )
  }

  /** DISCARD ALL gives every lock back, and so may a function. */
  async #keepLock(): Promise<void> {
    const { connection, lockKey, sessionSettings } = this.#context
    if (!(await tryLock(connection, lockKey))) throw lockLost()
    for (const text of sessionSettings) await sendMessage(connection, text)
  }
}

function copyDataOf({ source, copyData }: ScriptStatement): string | undefined {
  return copyData && source.text.slice(copyData.start, copyData.end)
}

function isLarge({ copyData, copyStream }: ScriptStatement): boolean {
  return (
    copyStream !== undefined ||
    (copyData !== undefined && copyData.end - copyData.start >= STREAMED_COPY_SIZE)
  )
}
