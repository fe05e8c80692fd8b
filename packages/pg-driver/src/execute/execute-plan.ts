import type {
  ExecuteOptions,
  MigrationId,
  MigrationPlan,
  PlanStep,
  RunEvent,
  TidemarkError,
} from '@tidemark/core'
import { isConnectionLost, isRetryable } from '../connection/sql-state.ts'
import { backoffMs, wait } from '../connection/wait.ts'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { attemptDetails } from '../failure/describe-failure.ts'
import { fullReset } from '../script/session-reset.ts'
import { execute } from '../statement/compiled-statement.ts'
import { createPreparedStatements, isPreparedTrouble } from '../statement/prepared-statements.ts'
import { recordFailedStatement } from '../tracking/write/attempt.ts'
import { isMarkerCleared, isRowOfOthers } from '../tracking/write/precondition.ts'
import { notifyStatement } from '../tracking/write/summary.ts'
import { CommittedSteps } from './committed-steps.ts'
import { createEventQueue } from './event-queue.ts'
import { mayMakeEventTriggers } from './event-triggers.ts'
import { explainEnd, LostFlight } from './explain-end.ts'
import { describeGroupFailure } from './pipelined/describe-group-failure.ts'
import { type GroupFailure, type GroupStep, runPipelined } from './pipelined/run-pipelined.ts'
import { isRecordedWith, type RecordStep, recordStatement, runStandalone } from './run-standalone.ts'
import { StepBackups } from './step-backups.ts'
import { createStepOrder, isTransactional, type StepOrder } from './step-order.ts'

/**
 * Executes a plan's steps in order, telling what happens. Ends at the first failure; with `keepGoing` it goes on with the
 * steps that do not depend on it. A lost connection throws TM5007, an interrupt TM5008, after what can be known has been read.
 */
export function executePlan(
  context: Omit<ExecutionContext, 'emit' | 'signal' | 'run' | 'prepared'>,
  plan: MigrationPlan,
  options: ExecuteOptions,
): AsyncIterable<RunEvent> {
  const queue = createEventQueue<RunEvent>()
  const { run, signal } = options
  const eventTriggers = plan.steps.some(mayMakeEventTriggers) ? 'possible' : context.eventTriggers
  const prepared = createPreparedStatements()
  const execution = new Execution(
    { ...context, eventTriggers, run, signal, prepared, emit: (event) => queue.push(event) },
    plan,
    options,
  )
  execution.run().then(
    () => queue.end(),
    (error: unknown) => queue.end(error),
  )
  return queue.items
}

const RETRY_DELAY = { firstMs: 250, limitMs: 5000 }
const DEFERRED_COMMITS = 8
/** Preparing a statement costs as much as running it a few times. */
const WORTH_NAMING = 4

class Execution {
  readonly #context: ExecutionContext
  readonly #order: StepOrder
  /** The plan puts what no gate waits for last; -1 when there is none. */
  readonly #firstUnawaited: number
  readonly #steps: readonly PlanStep[]
  readonly #committed: CommittedSteps
  readonly #backups: StepBackups
  readonly #failed = new Set<MigrationId>()
  /** Steps for which naming our statements on the server failed. */
  readonly #inline = new Set<MigrationId>()
  /** Steps that cleared the marker of their transaction where their text does not say so. */
  readonly #clearing = new Set<MigrationId>()
  readonly #isWorthNaming: boolean
  readonly #attempts = new Map<MigrationId, number>()

  constructor(
    context: ExecutionContext,
    plan: MigrationPlan,
    { keepGoing, backup }: Pick<ExecuteOptions, 'keepGoing' | 'backup'>,
  ) {
    this.#context = context
    this.#committed = new CommittedSteps(context.emit)
    this.#backups = new StepBackups(context, backup)
    this.#steps = plan.steps
    this.#isWorthNaming = plan.steps.length >= WORTH_NAMING
    this.#order = createStepOrder(plan.steps, keepGoing ? 'keep_going' : 'stop')
    this.#firstUnawaited = plan.steps.findIndex((step) => !isBlocking(step))
  }

  async run(): Promise<void> {
    try {
      let at = 0
      while (at < this.#steps.length) at = await this.#runFrom(at)
      // The connection is gone then, also when nothing was left to do.
      this.#context.signal?.throwIfAborted()
    } catch (error) {
      throw await explainEnd(this.#context, error, this.#committed)
    }
  }

  /** @returns where to go on. */
  async #runFrom(at: number): Promise<number> {
    this.#context.signal?.throwIfAborted()
    const step = this.#steps[at]
    if (step === undefined) return at
    if (this.#order.isHeldBack(step, this.#failed)) {
      this.#failed.add(step.id)
      return at + 1
    }
    if (at > 0 && at === this.#firstUnawaited) await this.#tellBlockingDone()
    if (this.#backups.isDue(step) && !(await this.#backups.save(step))) return this.#afterFailure(step, at)
    if (step.kind === 'record' || step.kind === 'unrecord') return this.#record(step, at)
    const group = this.#groupFrom(at)
    return group.length > 0 ? this.#fly(group) : this.#runStandalone(step, at)
  }

  /** What a gate waits for is there: it need not wait for the rest of the run. */
  async #tellBlockingDone(): Promise<void> {
    const { connection, settings, run } = this.#context
    await execute(connection, notifyStatement(settings.schema, run.runId))
  }

  /** Transactional steps in a row, none of which depends on a failed one. */
  #groupFrom(at: number): readonly GroupStep[] {
    const group: GroupStep[] = []
    let before: PlanStep | undefined
    for (let index = at; index < this.#steps.length; index += 1) {
      const step = this.#steps[index]
      if (step === undefined || !isTransactional(step) || this.#order.isHeldBack(step, this.#failed)) break
      if (this.#backups.isDue(step) || (index > at && index === this.#firstUnawaited)) break
      group.push({
        step,
        index,
        count: this.#steps.length,
        attempt: (this.#attempts.get(step.id) ?? 0) + 1,
        after: this.#order.predecessorsOf(index),
        durability: this.#durabilityOf(index),
        naming: this.#isWorthNaming && !this.#inline.has(step.id) ? 'prepared' : 'inline',
        marker: this.#clearing.has(step.id) ? 'cleared' : 'trusted',
        mark: markOf(step, index),
        previousToken: before?.kind === 'apply' ? markOf(before, index - 1) : undefined,
      })
      before = step
    }
    return group
  }

  #durabilityOf(index: number): 'waited' | 'deferred' {
    const next = this.#steps[index + 1]
    const grouped = this.#context.settings.commits === 'grouped' && (index + 1) % DEFERRED_COMMITS !== 0
    const follows = next !== undefined && isTransactional(next) && !this.#backups.isDue(next)
    return grouped && follows ? 'deferred' : 'waited'
  }

  /** Writes all records in a row that are alike in one statement: a baseline is recorded as a whole or not at all. */
  async #record(first: RecordStep, at: number): Promise<number> {
    const { connection, settings, run, emit } = this.#context
    const steps = [first]
    for (let next = this.#steps[at + 1]; isRecordedWith(next, first); next = this.#steps[at + steps.length]) {
      if (this.#order.isHeldBack(next, this.#failed)) break
      steps.push(next)
    }
    const startedAt = performance.now()
    for (const [place, step] of steps.entries()) {
      emit({ kind: 'step_started', step, index: at + place, count: this.#steps.length, attempt: 1 })
    }
    await execute(connection, recordStatement(settings.schema, steps, run))
    for (const step of steps) this.#committed.add(step, 'waited', performance.now() - startedAt)
    return at + steps.length
  }

  async #fly(group: readonly GroupStep[]): Promise<number> {
    const failure = await runPipelined(this.#context, group, {
      committed: ({ step, durability }, durationMs) => this.#committed.add(step, durability, durationMs),
    })
    if (failure === undefined) return (group.at(-1)?.index ?? 0) + 1
    if (isConnectionLost(failure.outcome.error) || this.#context.signal?.aborted)
      throw new LostFlight(failure)
    return this.#recover(failure)
  }

  /** After a failure on a live connection: roll back, then try again or record it (I5). */
  async #recover(failure: GroupFailure): Promise<number> {
    const { failed, outcome } = failure
    const { connection, settings, emit } = this.#context
    await connection.query('ROLLBACK')
    await connection.query(fullReset(this.#context).join(';\n'))
    this.#context.prepared.forget()
    if (isPreparedTrouble(outcome.error) && failed.naming === 'prepared') {
      this.#inline.add(failed.step.id)
      return failed.index
    }
    if (isMarkerCleared(outcome) && failed.marker === 'trusted') {
      this.#clearing.add(failed.step.id)
      return failed.index
    }
    if (isRetryable(outcome.error) && failed.attempt <= settings.lockRetries) {
      await this.#delayRetry(failure, outcome.error.code)
      return failed.index
    }
    const error = await describeGroupFailure(this.#context, failure, this.#committed.ids)
    if (!isRowOfOthers(outcome.error)) await this.#recordFailure(failure, error)
    this.#committed.tellDurable()
    emit({ kind: 'step_failed', step: failed.step, durationMs: outcome.durationMs, error })
    return this.#afterFailure(failed.step, failed.index)
  }

  #afterFailure(step: PlanStep, index: number): number {
    this.#failed.add(step.id)
    return this.#order.mode === 'keep_going' ? index + 1 : this.#steps.length
  }

  async #delayRetry({ failed, blockers }: GroupFailure, sqlState: string): Promise<void> {
    const { emit, settings, signal } = this.#context
    const { attempt } = failed
    const { id } = failed.step
    const delayMs = backoffMs(attempt, RETRY_DELAY)
    this.#attempts.set(id, attempt)
    emit({ kind: 'step_retry', id, attempt, limit: settings.lockRetries, delayMs, sqlState, blockers })
    await wait(delayMs, signal)
  }

  async #recordFailure({ failed, outcome }: GroupFailure, error: TidemarkError): Promise<void> {
    const { connection, settings, run } = this.#context
    const { step } = failed
    await execute(
      connection,
      recordFailedStatement(settings.schema, {
        subject:
          step.kind === 'apply'
            ? { direction: 'up', migration: step.migration }
            : { direction: 'down', id: step.id },
        run,
        errorMessage: error.message,
        statementsDone: null,
        executionTimeMs: outcome.durationMs,
        details: attemptDetails(error),
      }),
    )
  }

  /** A step that is no transaction of its own file. */
  async #runStandalone(step: PlanStep, index: number): Promise<number> {
    const { emit } = this.#context
    emit({ kind: 'step_started', step, index, count: this.#steps.length, attempt: 1 })
    const startedAt = performance.now()
    const after = this.#order.predecessorsOf(index)
    const error = await runStandalone(this.#context, step, { done: this.#committed.ids, after })
    const durationMs = performance.now() - startedAt
    if (error === undefined) {
      this.#committed.add(step, 'waited', durationMs)
      return index + 1
    }
    emit({ kind: 'step_failed', step, durationMs, error })
    return this.#afterFailure(step, index)
  }
}

function isBlocking(step: PlanStep): boolean {
  return step.kind === 'roll_back' || step.migration?.header.blocking !== false
}

/** Names a step among those of its session. */
function markOf({ id }: PlanStep, index: number): string {
  return `${index} ${id}`
}
