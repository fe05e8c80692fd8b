import { countStatements, type StatementFacts } from '@tidemark/core'
import { sendMessage } from '../../connection/send-message.ts'
import { toServerNotice } from '../../connection/to-server-notice.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { isOnlyRows, openFeed, type StatementFeed } from '../../script/statement-feed.ts'
import { type ExecutableStep, type ScriptStatement, sqlOf } from '../../script/step-script.ts'
import { summarizeStatement } from '../../script/summarize-statement.ts'
import type { StatementProgress } from '../../statement/tracking-tables.ts'
import { announceRun } from '../announce-run.ts'
import { waitForRetry } from '../recover.ts'
import { type StatementWatch, type WatchedStatement, watchStatement } from '../watch/watch-statement.ts'
import { cannotResume } from './autocommit-errors.ts'
import { AutocommitSession } from './autocommit-session.ts'
import { AutocommitStatements } from './autocommit-statements.ts'
import { executionModeOf, factsOf } from './execution-mode.ts'
import { SessionHistory } from './session-replay.ts'

/** One statement under way. */
interface Turn {
  readonly index: number
  readonly statement: ScriptStatement
  readonly attempt: number
}

/**
 * One step whose statements commit one by one (`Transaction: none`). What is done is in the row after each;
 * what cannot share a transaction with its progress is announced there before.
 */
export class AutocommitRun {
  /** How many statements there are, verify included. */
  readonly count: number
  readonly #feed: StatementFeed
  readonly #context: ExecutionContext
  readonly #step: ExecutableStep
  readonly #session: AutocommitSession
  readonly #statements: AutocommitStatements
  readonly #watch: StatementWatch
  #latest: ScriptStatement | undefined
  #current: WatchedStatement | undefined
  #done: number
  #attempt = 1
  #statementMs = 0

  constructor(context: ExecutionContext, step: ExecutableStep) {
    const { header } = sqlOf(step)
    this.#context = context
    this.#step = step
    this.#session = new AutocommitSession(context, header)
    this.#statements = new AutocommitStatements(context, step.id, this.#session)
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

  /** How long the statement took that failed last. */
  get statementMs(): number {
    return this.#statementMs
  }

  get lockTimeoutMs(): number {
    return this.#session.lockTimeoutMs
  }

  /** What is announced in the row and not done. */
  get started(): StatementProgress | undefined {
    return this.#statements.started
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
    this.#statements.resume(await this.#announceRun())
    await this.#session.open(this.#step.id)
    await this.#session.replay(replay)
    if (this.#done < resumeAt) await this.#statements.dropRemains()
  }

  /** Runs all that is not done yet. */
  async run(): Promise<void> {
    let index = 0
    for await (const statement of this.#feed.read(this.#context.signal)) {
      await this.#untilDone(index, statement)
      index += 1
    }
    // The file may have lost the statement that an earlier attempt announced.
    await this.#statements.dropRemains()
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
    if (this.#done >= this.count) return []
    const { history, notes } = await this.#readDone()
    const plan = history.plan()
    if (plan.kind === 'refuse') throw cannotResume(step.id, plan.because)
    if (plan.kind === 'start_over') {
      if (step.kind === 'verify') throw cannotResume(step.id, 'temporary_object')
      this.#done = 0
      return []
    }
    for (const facts of notes) this.#session.note(facts)
    return plan.texts
  }

  /** Of a verify step all statements are done, and none of them is in its feed. */
  async #readDone(): Promise<{
    readonly history: SessionHistory
    readonly notes: readonly StatementFacts[]
  }> {
    const step = this.#step
    const whole: ExecutableStep =
      step.kind === 'verify'
        ? { kind: 'apply', id: step.id, migration: step.migration, reason: 'resumed', resumeAt: 0 }
        : step
    const feed = step.kind === 'verify' ? openFeed(whole) : this.#feed
    const limit = step.kind === 'verify' ? feed.count : Math.min(this.#done, feed.count)
    const history = new SessionHistory()
    const notes: StatementFacts[] = []
    if (limit === 0) return { history, notes }
    let index = 0
    for await (const statement of feed.read(this.#context.signal)) {
      if (index >= limit) break
      index += 1
      const { text } = statement
      if (isOnlyRows(statement)) {
        history.addRows(() => ({ text, facts: factsOf(statement) }))
        continue
      }
      const facts = factsOf(statement)
      history.add({ text, facts })
      notes.push(facts)
    }
    return { history, notes }
  }

  async #announceRun(): Promise<StatementProgress | undefined> {
    const done = this.#step.kind === 'verify' ? countStatements(this.#step.migration) : this.#done
    return (await announceRun(this.#context, this.#step, done)).progress ?? undefined
  }

  async #runStatement(turn: Turn): Promise<void> {
    const { index, statement } = turn
    const { connection, emit } = this.#context
    const { id } = this.#step
    const { count } = this
    connection.onNotice((notice) => {
      // Of ROLLBACK and COMMIT of our own, where nothing is open.
      if (notice.code === '25P01') return
      emit({ kind: 'notice', id, index, notice: toServerNotice(notice, statement.source) })
    })
    const shown = summarizeStatement(statement.source, statement.span)
    emit({ kind: 'statement_started', id, index, count, ...shown })
    const startedAt = performance.now()
    this.#current = { id, index, startedAt }
    try {
      if (statement.kind === 'verify') await sendMessage(connection, statement.text)
      else await this.#statements.run(index, statement)
    } catch (error) {
      this.#statementMs = performance.now() - startedAt
      await this.#retry(turn, error)
      return
    } finally {
      this.#current = undefined
    }
    this.#done = index + 1
    this.#attempt = 1
    emit({ kind: 'statement_finished', id, index, count, durationMs: performance.now() - startedAt })
  }

  /** Tries again where that can help and is safe: what ran left nothing, or what it left can be found. */
  async #retry({ index, statement, attempt }: Turn, error: unknown): Promise<void> {
    const isRepeatable =
      statement.kind !== 'verify' &&
      statement.copyStream === undefined &&
      executionModeOf(factsOf(statement)).kind !== 'repeated'
    const blockers = this.#watch.lastSeen()
    const { id } = this.#step
    if (!isRepeatable || !(await waitForRetry(this.#context, { id, attempt, error, blockers }))) throw error
    this.#attempt = attempt + 1
    this.#done = index
  }
}
