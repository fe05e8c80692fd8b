import { type BatchProgress, type MigrationBatches, TidemarkError } from '@tidemark/core'
import { sendMessage } from '../../connection/send-message.ts'
import { isRetryable } from '../../connection/sql-state.ts'
import { toServerNotice } from '../../connection/to-server-notice.ts'
import { wait } from '../../connection/wait.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { waitingKey } from '../../lock/lock-key.ts'
import {
  listScriptStatements,
  type ScriptStatement,
  sqlOf,
  type TransactionalStep,
} from '../../script/step-script.ts'
import { inlineParameters, quoteParameter } from '../../statement/inline-parameters.ts'
import { batchProgressStatement } from '../../tracking/write/attempt.ts'
import { announceRun } from '../announce-run.ts'
import { AS_CONNECTED, AutocommitSession } from '../autocommit/autocommit-session.ts'
import { waitForRetry } from '../recover.ts'
import { type StatementWatch, type WatchedStatement, watchStatement } from '../watch/watch-statement.ts'
import { type Bounds, readLater, readNext, readRange } from './batch-bounds.ts'
import { type BatchKey, readKey } from './batch-key.ts'
import { percentDone } from './batch-position.ts'
import { CAREFULLY, FIRST_SIZE, FREELY, halvedSize, nextSize } from './batch-size.ts'
import { isWaitedFor, type OtherSessions, readOthers } from './other-sessions.ts'

/** Why a walk ends before its last key. */
export type PauseReason = 'time' | 'waiting_run'

/** How often it goes on to what was added behind the last key; then `@verify` decides. */
const MOST_WALKS = 10
const LAG_LOOK_MS = 1000
const NO_OTHERS: OtherSessions = { isRunWaiting: false, lagMs: null }

/** What is walked, and how far it is. */
interface Walk {
  readonly key: BatchKey
  readonly first: string
  last: string
  cursor: string | undefined
  rows: number
  batches: number
  walks: number
  size: number
}

/**
 * One step in batches. A batch and what it says of itself in the row are one transaction, so that each row is
 * done once, whenever the run ends; the next one goes on behind the last key that is committed.
 */
export class BatchedRun {
  readonly statements: readonly ScriptStatement[]
  readonly verify: readonly ScriptStatement[]
  readonly #context: ExecutionContext
  readonly #step: TransactionalStep
  readonly #batches: MigrationBatches
  readonly #session: AutocommitSession
  readonly #watch: StatementWatch
  readonly #startedAt = performance.now()
  #walk: Walk | undefined
  #progress: BatchProgress | null = null
  /** Where this attempt began. */
  #before: Pick<BatchProgress, 'rows' | 'percent'> = { rows: 0, percent: 0 }
  #others = NO_OTHERS
  #latest: ScriptStatement | undefined
  #current: WatchedStatement | undefined
  #attempt = 1
  #growth = FREELY
  #statementMs = 0

  constructor(context: ExecutionContext, step: TransactionalStep) {
    const { header } = sqlOf(step)
    if (header.batches === undefined) throw new TypeError(`"${step.id}" does not run in batches`)
    this.#context = context
    this.#step = step
    this.#batches = header.batches
    this.#session = new AutocommitSession(context, header)
    this.#watch = watchStatement(context, () => this.#current)
    const all = listScriptStatements(step)
    this.statements = all.filter(({ kind }) => kind === 'statement')
    this.verify = all.filter(({ kind }) => kind === 'verify')
  }

  /** What is committed; null before the first batch. */
  get progress(): BatchProgress | null {
    return this.#progress
  }

  /** The statement that ran last. */
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

  blockers(): ReturnType<StatementWatch['lastSeen']> {
    return this.#watch.lastSeen()
  }

  stop(): Promise<void> {
    return this.#watch.stop()
  }

  /** Writes `running`, and finds where to go on. */
  async begin(): Promise<void> {
    const { connection } = this.#context
    const { id } = this.#step
    const { batches } = await announceRun(this.#context, this.#step, 0)
    if (batches !== null) {
      const { parseBatchProgress } = await import('../../tracking/read/rows.ts')
      this.#progress = parseBatchProgress(id, batches)
    }
    await this.#session.open(id)
    const key = await readKey(connection, id, this.#batches)
    this.#walk = await this.#openWalk(key)
    for (const [index, statement] of this.statements.entries()) await this.#prepare(index, statement, key)
  }

  async #openWalk(key: BatchKey): Promise<Walk | undefined> {
    const size = this.#batches.size ?? FIRST_SIZE
    const progress = this.#progress
    if (progress === null) {
      const range = await readRange(this.#context.connection, key)
      if (range === undefined) return undefined
      return {
        key,
        first: range.lower,
        last: range.upper,
        cursor: undefined,
        rows: 0,
        batches: 0,
        walks: 1,
        size,
      }
    }
    if (progress.table !== key.table || progress.column !== key.column)
      throw otherKey(this.#step.id, progress)
    const { first, last, cursor, rows, batches } = progress
    this.#before = progress
    return {
      key,
      first,
      last,
      cursor,
      rows,
      batches,
      walks: progress.walks,
      size: this.#batches.size ?? progress.size,
    }
  }

  /** Once for the session, so that a syntax error is found before anything runs. */
  async #prepare(index: number, statement: ScriptStatement, { type }: BatchKey): Promise<void> {
    const lead = `PREPARE ${nameOf(index)} (${type}, ${type}) AS `
    this.#latest = { ...statement, lead }
    await sendMessage(this.#context.connection, lead + statement.text)
  }

  /** Runs batch after batch. Undefined when all is done. */
  async run(): Promise<PauseReason | undefined> {
    const walk = this.#walk
    if (walk === undefined) return undefined
    let next: Bounds | undefined
    for (;;) {
      try {
        next ??= await this.#findNext(walk)
        if (next === undefined) return undefined
        const reason = this.#whyPause()
        if (reason !== undefined) return reason
        await this.#beGentle()
        next = await this.#runBatch(walk, next)
        this.#attempt = 1
      } catch (error) {
        await this.#retry(walk, error)
        next = undefined
      }
    }
  }

  /** The next batch up to the last key, or behind it where more was added. */
  async #findNext(walk: Walk): Promise<Bounds | undefined> {
    const { connection } = this.#context
    for (;;) {
      const found = await readNext(connection, walk.key, walk)
      if (found !== undefined) return found
      const later = walk.walks < MOST_WALKS ? await readLater(connection, walk.key, walk.last) : undefined
      if (later === undefined) return undefined
      walk.last = later
      walk.walks += 1
    }
  }

  #whyPause(): PauseReason | undefined {
    const { batches } = this.#context
    if (this.#step.kind === 'roll_back' || batches === undefined) return undefined
    if (batches.until !== undefined && performance.now() >= batches.until) return 'time'
    return batches.yields && this.#others.isRunWaiting ? 'waiting_run' : undefined
  }

  /** Waits as the header says, and while a standby is too far behind. */
  async #beGentle(): Promise<void> {
    const { connection, settings, emit, signal } = this.#context
    const { pauseMs } = this.#batches
    if (pauseMs !== null && this.#progress !== null) await wait(pauseMs, signal)
    for (;;) {
      const { lagMs } = this.#others
      if (lagMs === null || settings.maxLagMs === 0 || lagMs <= settings.maxLagMs) return
      if (this.#whyPause() !== undefined) return
      emit({ kind: 'batch_waiting', id: this.#step.id, lagMs, limitMs: settings.maxLagMs })
      await wait(LAG_LOOK_MS, signal)
      this.#others = await readOthers(connection, waitingKey(settings.schema))
    }
  }

  /** @returns the next one, which is asked for with the COMMIT of this one. */
  async #runBatch(walk: Walk, bounds: Bounds): Promise<Bounds | undefined> {
    const { connection, settings } = this.#context
    const { size } = walk
    const startedAt = performance.now()
    const { rows, isBlocking } = await this.#runStatements(bounds, startedAt)
    const durationMs = performance.now() - startedAt
    if (isBlocking) this.#growth = CAREFULLY
    const pace = { size, durationMs, targetMs: settings.batchTimeMs, isBlocking, growth: this.#growth }
    walk.size = this.#batches.size ?? nextSize(pace)
    const progress = this.#progressAfter(walk, bounds, rows)
    const [closed, next, others] = await Promise.allSettled([
      sendMessage(connection, this.#closeText(progress)),
      readNext(connection, walk.key, { cursor: bounds.upper, last: walk.last, size: walk.size }),
      readOthers(connection, waitingKey(settings.schema)),
    ])
    if (closed.status === 'rejected') throw closed.reason
    Object.assign(walk, { cursor: bounds.upper, rows: progress.rows, batches: progress.batches })
    this.#progress = progress
    this.#report(progress, rows, performance.now() - startedAt)
    if (next.status === 'rejected') throw next.reason
    this.#others = others.status === 'fulfilled' ? others.value : NO_OTHERS
    return next.value
  }

  /** Gives the rows that all statements have changed, and whether others wait; the transaction stays open. */
  async #runStatements({ lower, upper }: Bounds, startedAt: number) {
    const { connection, emit } = this.#context
    const { id } = this.#step
    let rows = 0
    await sendMessage(connection, 'BEGIN')
    try {
      for (const [index, statement] of this.statements.entries()) {
        this.#latest = statement
        this.#current = { id, index, startedAt }
        connection.onNotice((notice) => {
          emit({ kind: 'notice', id, index, notice: toServerNotice(notice, statement.source) })
        })
        const text = `EXECUTE ${nameOf(index)} (${quoteParameter(lower)}, ${quoteParameter(upper)})`
        const [answer] = await sendMessage(connection, text)
        rows += answer?.rowCount ?? 0
      }
    } catch (error) {
      this.#statementMs = performance.now() - startedAt
      throw error
    } finally {
      this.#current = undefined
    }
    return { rows, isBlocking: await isWaitedFor(connection) }
  }

  #progressAfter({ key, ...walk }: Walk, { upper: cursor }: Bounds, rows: number): BatchProgress {
    const { first, last, batches, walks, size } = walk
    const done = walk.rows + rows
    const { typeName: type, tableRows, table, column } = key
    const percent = percentDone({ type, first, last, cursor, rows: done, tableRows })
    const direction = this.#step.kind === 'roll_back' ? 'down' : 'up'
    return {
      direction,
      table,
      column,
      cursor,
      first,
      last,
      rows: done,
      batches: batches + 1,
      walks,
      size,
      percent,
    }
  }

  #closeText(progress: BatchProgress): string {
    const { settings, run } = this.#context
    const moved = batchProgressStatement(settings.schema, { id: this.#step.id, runId: run.runId, progress })
    return [...AS_CONNECTED, inlineParameters(moved), 'COMMIT'].join(';\n')
  }

  #report(progress: BatchProgress, batchRows: number, durationMs: number): void {
    const elapsedMs = performance.now() - this.#startedAt
    const ownRows = progress.rows - this.#before.rows
    const gained = (progress.percent ?? 0) - (this.#before.percent ?? 0)
    this.#context.emit({
      kind: 'batch_finished',
      id: this.#step.id,
      progress,
      batchRows,
      durationMs,
      rowsPerSecond: Math.round((ownRows * 1000) / Math.max(1, elapsedMs)),
      leftMs:
        progress.percent === null || gained <= 0
          ? null
          : Math.round((elapsedMs * (100 - progress.percent)) / gained),
    })
  }

  /** What could not get its locks is tried again in smaller batches. */
  async #retry(walk: Walk, error: unknown): Promise<void> {
    const { connection } = this.#context
    if (!isRetryable(error)) throw error
    await sendMessage(connection, 'ROLLBACK')
    const blockers = this.#watch.lastSeen()
    const { id } = this.#step
    if (!(await waitForRetry(this.#context, { id, attempt: this.#attempt, error, blockers }))) throw error
    this.#attempt += 1
    walk.size = this.#batches.size ?? halvedSize(walk.size)
  }

  /** Runs the queries of `@verify`, after the last batch. */
  async runVerify(): Promise<void> {
    for (const statement of this.verify) {
      this.#latest = statement
      await sendMessage(this.#context.connection, statement.text)
    }
  }
}

function nameOf(index: number): string {
  return `tidemark_batch_${index}`
}

/** TM4010: what is done was walked by another key. */
function otherKey(id: string, { table, column }: BatchProgress): TidemarkError {
  return new TidemarkError({
    code: 'TM4010',
    message: `"${id}" is partly done in batches of ${table} by ${column}, and its "Batches" has changed since`,
    help: `restore "-- Batches: ${table} by ${column}"; to start over, run tidemark mark ${id} --as pending`,
    details: { migration: id },
  })
}
