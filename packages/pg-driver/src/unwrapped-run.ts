import { countStatements } from '@tidemark/core'
import { ask } from './ask.ts'
import { type AttemptSubject, progressStatement, startStatement } from './attempt.ts'
import { execute } from './compiled-statement.ts'
import type { ExecutionContext } from './execution-context.ts'
import { STREAMED_COPY_SIZE } from './flight-messages.ts'
import { guardStatement } from './guard.ts'
import { findIndex } from './index-state.ts'
import { inlineParameters } from './inline-parameters.ts'
import { lockLost } from './run-errors.ts'
import { tryLock } from './run-lock.ts'
import { type DoneStatement, planReplay } from './session-replay.ts'
import { isRetryable, isServerError, SQL_STATE } from './sql-state.ts'
import { type AloneStatement, describeBefore, settleStarted } from './started-statement.ts'
import { isOnlyRows, openFeed, type StatementFeed } from './statement-feed.ts'
import { factsOf, isConcurrent, mannerOf } from './statement-manner.ts'
import { type ExecutableStep, type ScriptStatement, sqlOf } from './step-script.ts'
import { summarizeStatement } from './summarize-statement.ts'
import { toServerNotice } from './to-server-notice.ts'
import type { StatementProgress } from './tracking-schema.ts'
import { cannotResume, invalidIndex } from './unwrapped-errors.ts'
import { AS_CONNECTED, UnwrappedSession } from './unwrapped-session.ts'
import { backoffMs, wait } from './wait.ts'
import { type StatementWatch, type WatchedStatement, watchStatement } from './watch-statement.ts'

const RETRY_DELAY = { firstMs: 250, limitMs: 5000 }

/** One statement under way. */
interface Turn {
  readonly index: number
  readonly statement: ScriptStatement
  readonly attempt: number
}

/**
 * One step whose statements commit one by one (`Transaction: none`). What is done is in the row after each; what cannot
 * share a transaction with its progress is announced there before.
 */
export class UnwrappedRun {
  /** How many statements there are, verify included. */
  readonly count: number
  readonly #feed: StatementFeed
  readonly #context: ExecutionContext
  readonly #step: ExecutableStep
  readonly #session: UnwrappedSession
  readonly #watch: StatementWatch
  #latest: ScriptStatement | undefined
  /** What is announced in the row. */
  #started: StatementProgress | undefined
  #current: WatchedStatement | undefined
  #done: number
  #attempt = 1

  constructor(context: ExecutionContext, step: ExecutableStep) {
    const { header } = sqlOf(step)
    this.#context = context
    this.#step = step
    this.#session = new UnwrappedSession(context, header)
    this.#watch = watchStatement(context, () => this.#current)
    this.#feed = openFeed(step)
    this.count = this.#feed.count + this.#feed.verify.length
    this.#done = step.kind === 'verify' ? 0 : step.resumeAt
  }

  /** Statements that are done; verify statements count behind the others. */
  get done(): number {
    return this.#done
  }

  /** The statement that runs, or that ran last. */
  get latest(): ScriptStatement | undefined {
    return this.#latest
  }

  get attempt(): number {
    return this.#attempt
  }

  get lockTimeoutMs(): number {
    return this.#session.lockTimeoutMs
  }

  /** What is announced in the row and not done. */
  get started(): StatementProgress | undefined {
    return this.#started
  }

  blockers(): ReturnType<StatementWatch['lastSeen']> {
    return this.#watch.lastSeen()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** Writes `running`, and brings the session to where an earlier attempt was. */
  async begin(): Promise<void> {
    const resumeAt = this.#done
    const replay = await this.#planReplay()
    this.#started = await this.#announceRun()
    await this.#session.open(this.#step.id)
    await this.#session.replay(replay)
    if (this.#done < resumeAt)
      await this.#isSettled({ index: resumeAt, text: '', manner: { kind: 'repeated' } })
  }

  /** Runs all that is not done yet. */
  async run(): Promise<void> {
    let index = 0
    for await (const statement of this.#feed.read(this.#context.signal)) {
      await this.#untilDone(index, statement)
      index += 1
    }
    for (const statement of this.#feed.verify) {
      await this.#untilDone(index, statement)
      index += 1
    }
  }

  async #untilDone(index: number, statement: ScriptStatement): Promise<void> {
    while (this.#done <= index) {
      this.#latest = statement
      await this.#runStatement({ index, statement, attempt: this.#attempt })
    }
  }

  async #planReplay(): Promise<readonly string[]> {
    const step = this.#step
    const done = await this.#listDone()
    if (done.length === 0) return []
    const plan = planReplay(done)
    if (plan.kind === 'refuse') throw cannotResume(step.id, plan.because)
    if (plan.kind === 'start_over') {
      if (step.kind === 'verify') throw cannotResume(step.id, 'temporary_object')
      this.#done = 0
      return []
    }
    for (const { facts } of done) this.#session.note(facts)
    return plan.texts
  }

  /** Of a verify step all statements are done, and none of them is in its feed. */
  async #listDone(): Promise<readonly DoneStatement[]> {
    const step = this.#step
    const whole: ExecutableStep =
      step.kind === 'verify'
        ? { kind: 'apply', id: step.id, migration: step.migration, reason: 'resumed', resumeAt: 0 }
        : step
    const feed = step.kind === 'verify' ? openFeed(whole) : this.#feed
    const limit = step.kind === 'verify' ? feed.count : Math.min(this.#done, feed.count)
    const done: DoneStatement[] = []
    if (limit === 0) return done
    let index = 0
    for await (const statement of feed.read(this.#context.signal)) {
      if (index >= limit) break
      index += 1
      if (!isOnlyRows(statement)) done.push({ text: statement.text, facts: factsOf(statement) })
    }
    return done
  }

  async #announceRun(): Promise<StatementProgress | undefined> {
    const { connection, settings, run, lockKey } = this.#context
    const { id } = this.#step
    const direction = this.#step.kind === 'roll_back' ? 'down' : 'up'
    const { header } = sqlOf(this.#step)
    const rerun = header.run === 'on_change' ? 'allowed' : 'refused'
    const subject = subjectOf(this.#step)
    await connection.query('BEGIN')
    await execute(
      connection,
      guardStatement(settings.schema, { id, direction, lockKey, runId: run.runId, after: [], rerun }),
    )
    const statementsDone = this.#step.kind === 'verify' ? countStatements(this.#step.migration) : this.#done
    const [row] = await execute<{ readonly progress: StatementProgress | null }>(
      connection,
      startStatement(settings.schema, { subject, run, statementsDone }),
    )
    await connection.query('COMMIT')
    return row?.progress ?? undefined
  }

  async #runStatement(turn: Turn): Promise<void> {
    const { index, statement } = turn
    const { connection, emit } = this.#context
    const { id } = this.#step
    const { count } = this
    connection.onNotice((notice) => {
      // Of ROLLBACK and COMMIT of our own, where nothing is open.
      if (notice.code !== '25P01') emit({ kind: 'notice', id, index, notice: toServerNotice(notice) })
    })
    const summary = summarizeStatement(statement.source.text, statement.span)
    emit({ kind: 'statement_started', id, index, count, span: statement.span, summary })
    const startedAt = performance.now()
    this.#current = { id, index, startedAt }
    try {
      if (statement.kind === 'verify') await connection.query(statement.text)
      else await this.#apply(turn)
    } catch (error) {
      await this.#recover(turn, error)
      return
    } finally {
      this.#current = undefined
    }
    this.#done = index + 1
    this.#attempt = 1
    emit({ kind: 'statement_finished', id, index, count, durationMs: performance.now() - startedAt })
  }

  /** Waits where trying again can help and is safe: what ran left nothing, or what it left can be told. */
  async #recover({ index, statement, attempt }: Turn, error: unknown): Promise<void> {
    const { settings, emit, signal } = this.#context
    if (!isRetryable(error) || attempt > settings.lockRetries || statement.kind === 'verify') throw error
    const manner = mannerOf(factsOf(statement))
    if (manner.kind === 'repeated' || statement.copyStream !== undefined) throw error
    const delayMs = backoffMs(attempt, RETRY_DELAY)
    const { id } = this.#step
    const limit = settings.lockRetries
    const blockers = this.#watch.lastSeen()
    emit({ kind: 'step_retry', id, attempt, limit, delayMs, sqlState: error.code, blockers })
    this.#attempt = attempt + 1
    this.#done = index
    await wait(delayMs, signal)
  }

  async #apply({ index, statement }: Turn): Promise<void> {
    const facts = factsOf(statement)
    const manner = mannerOf(facts)
    const alone: AloneStatement = { index, text: statement.text, manner }
    const limited = isConcurrent(manner)
    const run = async () => {
      if (await this.#isSettled(alone)) await this.#writeProgress(index + 1, undefined)
      else if (manner.kind !== 'wrapped' || !(await this.#runWrapped(index, statement))) {
        await this.#runAlone(alone)
      }
    }
    await (limited ? this.#session.withoutLockTimeout(run) : run())
    this.#session.note(facts)
    if (facts.sessionTouches.some(({ kind }) => kind === 'discard' || kind === 'advisory_lock')) {
      await this.#keepLock()
    }
  }

  /** Looks for the effect of what an earlier attempt announced. */
  async #isSettled(statement: AloneStatement): Promise<boolean> {
    if (this.#started === undefined || this.#started.started !== statement.index) return false
    const started = this.#started
    const settle = () => settleStarted(this.#context.connection, statement, started)
    // FINALIZE waits for a lock that others queue behind; indexes are dropped CONCURRENTLY.
    const isLimited = started.detaching !== undefined
    const settled = await (isLimited ? settle() : this.#session.withoutLockTimeout(settle))
    return settled === 'done'
  }

  /** @returns false when PostgreSQL refuses the statement in a transaction although its text does not tell. */
  async #runWrapped(index: number, statement: ScriptStatement): Promise<boolean> {
    const { connection } = this.#context
    const close = [...AS_CONNECTED, this.#progressText(index + 1, undefined), 'COMMIT'].join(';\n')
    const outcomes = await Promise.allSettled(
      isLarge(statement)
        ? await this.#streamWrapped(statement, close)
        : [
            ask(connection, 'BEGIN'),
            ask(connection, statement.text, copyDataOf(statement)),
            ask(connection, close),
          ],
    )
    const failed = outcomes.find((outcome) => outcome.status === 'rejected')
    if (failed === undefined) {
      this.#started = undefined
      return true
    }
    if (!isServerError(failed.reason)) throw failed.reason
    await connection.query('ROLLBACK')
    if (failed.reason.code === SQL_STATE.activeTransaction) return false
    throw failed.reason
  }

  async #streamWrapped(statement: ScriptStatement, close: string): Promise<readonly Promise<unknown>[]> {
    const { connection } = this.#context
    await ask(connection, 'BEGIN')
    const copied = connection.copyIn(statement.text, statement.copyStream ?? [copyDataOf(statement) ?? ''])
    await copied.catch(() => undefined)
    return [copied, ask(connection, close)]
  }

  async #runAlone(statement: AloneStatement): Promise<void> {
    const { connection } = this.#context
    const { index, text, manner } = statement
    // What an earlier attempt saw before it began still tells its remains from what was there before.
    const known = this.#started?.started === index ? this.#started.invalidIndexes : undefined
    const before = await describeBefore(connection, statement)
    await this.#writeProgress(index, known === undefined ? before : { ...before, invalidIndexes: known })
    await connection.query(text)
    if (manner.kind === 'build_index' && before.index !== undefined) {
      const built = await findIndex(connection, before.index)
      if (built?.valid === false) throw invalidIndex(this.#step.id, built.name, manner.build.ifNotExists)
    }
    await this.#writeProgress(index + 1, undefined)
  }

  async #writeProgress(done: number, started: StatementProgress | undefined): Promise<void> {
    const parts = ['BEGIN', ...AS_CONNECTED, this.#progressText(done, started), 'COMMIT']
    const { connection } = this.#context
    try {
      await ask(connection, parts.join(';\n'))
    } catch (error) {
      // Its BEGIN would stay open and refuse whatever comes next; on a lost connection the first error counts.
      await connection.query('ROLLBACK').catch(() => undefined)
      throw error
    }
    this.#started = started
  }

  #progressText(statementsDone: number, started: StatementProgress | undefined): string {
    const { settings, run } = this.#context
    const { id } = this.#step
    return inlineParameters(
      progressStatement(settings.schema, { id, runId: run.runId, statementsDone, started: started ?? null }),
    )
  }

  /** DISCARD ALL gives every lock back, and so may a function. */
  async #keepLock(): Promise<void> {
    const { connection, lockKey, sessionSettings } = this.#context
    if (!(await tryLock(connection, lockKey))) throw lockLost()
    for (const text of sessionSettings) await connection.query(text)
  }
}

/** Whose attempt it is. */
export function subjectOf(step: ExecutableStep): AttemptSubject {
  return step.kind === 'roll_back'
    ? { direction: 'down', id: step.id }
    : { direction: 'up', migration: step.migration }
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
