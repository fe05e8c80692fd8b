import type {
  Diagnostic,
  ExecuteOptions,
  MigrationId,
  MigrationPlan,
  PlanStep,
  RunEvent,
  StepBackup,
} from '@tidemark/core'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { refusedAt } from '../failure/refused-at.ts'
import type { Adaptation } from '../script/step-script.ts'
import { execute } from '../statement/compiled-statement.ts'
import { createPreparedStatements, isPreparedTrouble } from '../statement/prepared-statements.ts'
import { notifyStatement } from '../tracking/write/summary.ts'
import type { UnstorableFiles } from '../tracking/write/unstorable-text.ts'
import { CommittedSteps } from './committed-steps.ts'
import { type ConnectionLoss, endLostRun } from './connection-loss.ts'
import { createEventQueue } from './event-queue.ts'
import { mayMakeEventTriggers } from './event-triggers.ts'
import { isLoss } from './outcome.ts'
import { adaptationTo } from './pipelined/adaptation-to.ts'
import { describeGroupFailure } from './pipelined/describe-group-failure.ts'
import { type GroupFailure, type GroupStep, runPipelined } from './pipelined/run-pipelined.ts'
import { recordFailure, rollBackIfAlive, waitForRetry } from './recover.ts'
import { isRecordedWith, type RecordStep, recordStatement, runStandalone } from './run-standalone.ts'
import { createStepOrder, isTransactional, type StepOrder } from './step-order.ts'

/**
 * Executes a plan's steps in order, and reports what happens. Ends at the first failure; with `keepGoing` it
 * goes on with the steps that do not depend on it. A lost connection throws TM5007, an interrupt TM5008,
 * after what can be known has been read.
 */
export function executePlan(
  {
    unstorable,
    ...context
  }: Omit<ExecutionContext, 'emit' | 'signal' | 'run' | 'prepared' | 'batches'> & {
    readonly unstorable: UnstorableFiles
  },
  plan: MigrationPlan,
  options: ExecuteOptions,
): AsyncIterable<RunEvent> {
  const queue = createEventQueue<RunEvent>()
  const { run, signal, batches } = options
  const eventTriggers = plan.steps.some(mayMakeEventTriggers) ? 'possible' : context.eventTriggers
  const prepared = createPreparedStatements()
  const execution = new Execution(
    { ...context, eventTriggers, run, signal, prepared, batches, emit: (event) => queue.push(event) },
    plan,
    { ...options, unstorable },
  )
  execution.run().then(
    () => queue.end(),
    (error: unknown) => queue.end(error),
  )
  return queue.items
}

const DEFERRED_COMMITS = 8
/** Preparing a statement costs as much as running it a few times. */
const WORTH_NAMING = 4

/** The index of the step to go on with; or the end of the run by the loss of its connection. */
type Next = number | ConnectionLoss

class Execution {
  readonly #context: ExecutionContext
  readonly #order: StepOrder
  /** The plan puts what no gate waits for last; -1 when there is none. */
  readonly #firstUnawaited: number
  readonly #steps: readonly PlanStep[]
  readonly #committed: CommittedSteps
  readonly #backup: StepBackup | undefined
  readonly #unstorable: UnstorableFiles
  readonly #failed = new Set<MigrationId>()
  /** Steps for which naming our statements on the server failed. */
  readonly #inline = new Set<MigrationId>()
  /** Steps that are sent in another way than the shortest, once each. */
  readonly #adaptations = new Map<MigrationId, Adaptation>()
  readonly #isWorthNaming: boolean
  readonly #attempts = new Map<MigrationId, number>()

  constructor(
    context: ExecutionContext,
    plan: MigrationPlan,
    {
      keepGoing,
      backup,
      unstorable,
    }: Pick<ExecuteOptions, 'keepGoing' | 'backup'> & { readonly unstorable: UnstorableFiles },
  ) {
    this.#context = context
    this.#committed = new CommittedSteps(context.emit)
    this.#backup = backup
    this.#unstorable = unstorable
    this.#steps = plan.steps
    this.#isWorthNaming = plan.steps.length >= WORTH_NAMING
    this.#order = createStepOrder(plan.steps, keepGoing ? 'keep_going' : 'stop')
    this.#firstUnawaited = plan.steps.findIndex((step) => !isBlocking(step))
  }

  async run(): Promise<void> {
    const loss = await this.#runSteps()
    if (loss !== undefined) throw await endLostRun(this.#context, loss, this.#committed)
  }

  async #runSteps(): Promise<ConnectionLoss | undefined> {
    const { signal } = this.#context
    try {
      let at = 0
      while (at < this.#steps.length) {
        const next = await this.#runFrom(at)
        if (typeof next !== 'number') return next
        at = next
      }
      // The connection is gone then, also when nothing was left to do.
      signal?.throwIfAborted()
      return undefined
    } catch (error) {
      if (!signal?.aborted && !isLoss(error)) throw error
      return { kind: 'between_steps', error }
    }
  }

  async #runFrom(at: number): Promise<Next> {
    this.#context.signal?.throwIfAborted()
    const step = this.#steps[at]
    if (step === undefined) return at
    if (this.#order.isHeldBack(step, this.#failed)) {
      this.#failed.add(step.id)
      return at + 1
    }
    if (at > 0 && at === this.#firstUnawaited) await this.#notifyBlockingDone()
    const unstorable = this.#unstorableOf(step)
    if (unstorable !== undefined) return this.#failUnstorable(step, { at, unstorable })
    if (step.kind === 'record' || step.kind === 'unrecord') return this.#record(step, at)
    const group = this.#groupFrom(at)
    return group.length > 0 ? this.#runGroup(group) : this.#runStandalone(step, at)
  }

  #unstorableOf(step: PlanStep): Diagnostic | undefined {
    return step.kind === 'roll_back' ? undefined : this.#unstorable.get(step.id)
  }

  /** A file that cannot be recorded is not run. */
  #failUnstorable(
    step: PlanStep,
    { at, unstorable }: { readonly at: number; readonly unstorable: Diagnostic },
  ): number {
    const { emit } = this.#context
    emit({ kind: 'step_started', step, index: at, count: this.#steps.length, attempt: 1 })
    emit({ kind: 'step_failed', step, durationMs: 0, error: refusedAt(unstorable) })
    return this.#afterFailure(step, at)
  }

  /** What a gate waits for is there: it need not wait for the rest of the run. */
  async #notifyBlockingDone(): Promise<void> {
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
      if (this.#isSaved(step) || this.#unstorableOf(step) !== undefined) break
      if (index > at && index === this.#firstUnawaited) break
      group.push({
        step,
        index,
        count: this.#steps.length,
        attempt: (this.#attempts.get(step.id) ?? 0) + 1,
        after: this.#order.predecessorsOf(index),
        durability: this.#durabilityOf(index),
        naming: this.#isWorthNaming && !this.#inline.has(step.id) ? 'prepared' : 'inline',
        adaptation: this.#adaptations.get(step.id) ?? 'none',
        commitToken: commitTokenOf(step, index),
        previousToken: before?.kind === 'apply' ? commitTokenOf(before, index - 1) : undefined,
      })
      before = step
    }
    return group
  }

  /** What it takes away is saved while it runs, so it runs by itself. */
  #isSaved(step: PlanStep): boolean {
    return this.#backup?.isNeeded(step) === true
  }

  #durabilityOf(index: number): 'waited' | 'deferred' {
    const next = this.#steps[index + 1]
    const grouped = this.#context.settings.commits === 'grouped' && (index + 1) % DEFERRED_COMMITS !== 0
    const follows = next !== undefined && isTransactional(next) && !this.#isSaved(next)
    return grouped && follows ? 'deferred' : 'waited'
  }

  /**
   * Writes all records in a row that are alike in one statement: a baseline is recorded as a whole or not at
   * all.
   */
  async #record(first: RecordStep, at: number): Promise<number> {
    const { connection, settings, run, emit } = this.#context
    const steps = [first]
    for (let next = this.#steps[at + 1]; isRecordedWith(next, first); next = this.#steps[at + steps.length]) {
      if (this.#order.isHeldBack(next, this.#failed) || this.#unstorableOf(next) !== undefined) break
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

  async #runGroup(group: readonly GroupStep[]): Promise<Next> {
    const outcome = await runPipelined(this.#context, group, ({ step, durability }, durationMs) =>
      this.#committed.add(step, durability, durationMs),
    )
    switch (outcome.kind) {
      case 'committed':
        return (group.at(-1)?.index ?? 0) + 1
      case 'connection_lost':
        return { kind: 'group', group: outcome.cutOff }
      case 'failed':
        return this.#recover(outcome.failure)
    }
  }

  /** After a failure on a live connection: roll back, then try again or record it (I5). */
  async #recover(group: GroupFailure): Promise<Next> {
    const { failed, failure, blockers } = group
    const { step, index, attempt } = failed
    const { error, durationMs } = failure
    if (!(await rollBackIfAlive(this.#context))) return { kind: 'group', group }
    if (this.#canAdapt(group)) return index
    if (await waitForRetry(this.#context, { id: step.id, attempt, error, blockers })) {
      this.#attempts.set(step.id, attempt)
      return index
    }
    const described = await describeGroupFailure(this.#context, group, this.#committed.ids)
    const record = { step, cause: error, error: described, statementsDone: null, durationMs }
    await recordFailure(this.#context, record)
    this.#committed.reportDurable()
    this.#context.emit({ kind: 'step_failed', step, durationMs, error: described })
    return this.#afterFailure(step, index)
  }

  /** A step that cannot be sent in the shortest way is sent in another one at once. */
  #canAdapt({ failed, failure }: GroupFailure): boolean {
    const { step, naming, adaptation } = failed
    if (isPreparedTrouble(failure.error) && naming === 'prepared') {
      this.#inline.add(step.id)
      return true
    }
    const next = adaptation === 'none' ? adaptationTo(failure) : 'none'
    if (next === 'none') return false
    this.#adaptations.set(step.id, next)
    return true
  }

  #afterFailure(step: PlanStep, index: number): number {
    this.#failed.add(step.id)
    return this.#order.mode === 'keep_going' ? index + 1 : this.#steps.length
  }

  /** A step that cannot be sent among others. */
  async #runStandalone(step: PlanStep, index: number): Promise<Next> {
    const { emit } = this.#context
    emit({ kind: 'step_started', step, index, count: this.#steps.length, attempt: 1 })
    const startedAt = performance.now()
    const after = this.#order.predecessorsOf(index)
    const backup = this.#isSaved(step) ? this.#backup : undefined
    const outcome = await runStandalone(this.#context, step, { done: this.#committed.ids, after, backup })
    if (outcome.kind === 'connection_lost') return { kind: 'standalone', cutOff: outcome.cutOff }
    const durationMs = performance.now() - startedAt
    if (outcome.kind === 'committed') {
      this.#committed.add(step, 'waited', durationMs)
      return index + 1
    }
    if (outcome.kind === 'paused') {
      const { reason, progress } = outcome
      emit({ kind: 'step_paused', step, reason, progress })
      return this.#steps.length
    }
    emit({ kind: 'step_failed', step, durationMs, error: outcome.failure })
    return this.#afterFailure(step, index)
  }
}

function isBlocking(step: PlanStep): boolean {
  return step.kind === 'roll_back' || step.migration?.header.blocking !== false
}

/** Names a step among those of its session. */
function commitTokenOf({ id }: PlanStep, index: number): string {
  return `${index} ${id}`
}
