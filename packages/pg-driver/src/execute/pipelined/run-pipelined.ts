import type { LockHolder } from '@tidemark/core'
import { toServerNotice } from '../../connection/to-server-notice.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import {
  type Adaptation,
  type StepScript,
  type TransactionalStep,
  writeScript,
} from '../../script/step-script.ts'
import { summarizeStatement } from '../../script/summarize-statement.ts'
import { COMMITTED, isLoss, type Outcome } from '../outcome.ts'
import { type StatementWatch, watchStatement } from '../watch/watch-statement.ts'
import { createWindow } from './in-flight-window.ts'
import { type PipelinedFailure, type PipelinedObserver, PipelinedStep } from './pipelined-step.ts'

/** One step of a group. */
export interface GroupStep {
  readonly step: TransactionalStep
  /** Its place in the plan, and how many steps the plan has. */
  readonly index: number
  readonly count: number
  readonly attempt: number
  /** Ids that must be done before it. */
  readonly after: readonly string[]
  readonly durability: 'waited' | 'deferred'
  readonly naming: 'prepared' | 'inline'
  readonly adaptation: Adaptation
  readonly commitToken: string
  readonly previousToken: string | undefined
}

/** The first step of a group that failed; those before it are committed, those behind it did nothing. */
export interface GroupFailure {
  readonly failed: GroupStep
  readonly script: StepScript
  readonly failure: PipelinedFailure
  /** Steps whose COMMIT was sent and not answered: in doubt when the connection is lost. */
  readonly inDoubt: readonly GroupStep[]
  readonly blockers: readonly LockHolder[]
  /** A COMMIT that no synchronous standby has confirmed was given up waiting for. */
  readonly isUnconfirmed: boolean
}

/** The outcome of a group. A connection that the signal ended is lost as well. */
export type GroupOutcome = Outcome<GroupFailure, GroupFailure>

const STATEMENT_WINDOW = { count: 256, sizeBytes: 1024 * 1024 }
/** Light steps are answered faster than a small window is filled again; it costs nothing when one fails. */
const STEP_WINDOW = { count: 64, sizeBytes: 4 * 1024 * 1024 }

/**
 * Sends transactional steps one behind the other without waiting for answers, as far as the windows let it. A
 * step behind a failed one is refused by the server: the failed transaction stays open until everything has
 * been answered.
 *
 * @param onCommitted called for each step when the tag of its COMMIT is answered.
 */
export function runPipelined(
  context: ExecutionContext,
  steps: readonly GroupStep[],
  onCommitted: (step: GroupStep, durationMs: number) => void,
): Promise<GroupOutcome> {
  return new PipelinedGroup(context, onCommitted).run(steps)
}

/** A step of the group that was sent, and not yet committed. */
interface SentStep {
  readonly step: GroupStep
  readonly sent: PipelinedStep
  readonly sizeBytes: number
}

class PipelinedGroup {
  readonly #context: ExecutionContext
  readonly #onCommitted: (step: GroupStep, durationMs: number) => void
  readonly #statementWindow = createWindow(STATEMENT_WINDOW)
  readonly #stepWindow = createWindow(STEP_WINDOW)
  /** In the order of sending: the server works on the first one. */
  readonly #inFlight: SentStep[] = []
  #hasFailed = false
  #isUnconfirmed = false

  constructor(context: ExecutionContext, onCommitted: (step: GroupStep, durationMs: number) => void) {
    this.#context = context
    this.#onCommitted = onCommitted
  }

  async run(steps: readonly GroupStep[]): Promise<GroupOutcome> {
    const { connection, signal } = this.#context
    const watch = this.#watch()
    this.#forwardNotices()
    try {
      for (const step of steps) {
        await this.#send(step)
        if (this.#hasFailed || signal?.aborted) break
      }
      await this.#drained()
      return this.#outcome(watch)
    } finally {
      connection.onNotice(null)
      await watch.stop()
    }
  }

  async #send(step: GroupStep): Promise<void> {
    const { connection, signal } = this.#context
    const script = writeScript(step.step, step, this.#context)
    const sizeBytes = sizeOf(script)
    const room = this.#stepWindow.room(sizeBytes)
    if (room !== undefined) await room
    if (script.facts.needsAnswers) await this.#drained()
    if (this.#hasFailed || signal?.aborted) return
    const observer = this.#observe(script, step)
    const sent = new PipelinedStep({ script, connection, window: this.#statementWindow, observer })
    this.#inFlight.push({ step, sent, sizeBytes })
    this.#stepWindow.add(sizeBytes)
    if (this.#inFlight.length === 1) this.#beginFirst()
    await sent.send()
  }

  async #drained(): Promise<void> {
    await Promise.all(this.#inFlight.map(({ sent }) => sent.drained()))
  }

  #beginFirst(): void {
    const first = this.#inFlight[0]
    if (first === undefined) return
    const { step, index, count, attempt } = first.step
    this.#context.emit({ kind: 'step_started', step, index, count, attempt })
    first.sent.begin()
  }

  #observe(script: StepScript, step: GroupStep): PipelinedObserver {
    const id = step.step.id
    const count = script.statements.length
    const { emit } = this.#context
    return {
      statementStarted: (index) => {
        const statement = script.statements[index]
        if (statement === undefined) return
        const shown = summarizeStatement(script.source, statement.span)
        emit({ kind: 'statement_started', id, index, count, ...shown })
      },
      statementFinished: (index, durationMs) => {
        emit({ kind: 'statement_finished', id, index, count, durationMs })
      },
      committed: (durationMs) => {
        const committed = this.#inFlight.shift()
        if (committed !== undefined) this.#stepWindow.remove(committed.sizeBytes)
        this.#onCommitted(step, durationMs)
        this.#beginFirst()
      },
      failed: () => {
        this.#hasFailed = true
        this.#stepWindow.open()
      },
    }
  }

  #forwardNotices(): void {
    const { connection, emit } = this.#context
    connection.onNotice((notice) => {
      if (notice.routine === STANDBY_WAIT) this.#isUnconfirmed = true
      const first = this.#inFlight[0]
      if (first === undefined || this.#hasFailed) return
      const { place, script } = first.sent
      if (place.kind !== 'statement' && (place.kind !== 'close' || notice.code === '25P01')) return
      const index = place.kind === 'statement' ? place.index : Math.max(0, script.statements.length - 1)
      emit({ kind: 'notice', id: first.step.step.id, index, notice: toServerNotice(notice, script.source) })
    })
  }

  #watch(): StatementWatch {
    const patienceMs = () => patienceOf(this.#inFlight[0]?.sent.script.lockTimeoutMs)
    const current = () => {
      const first = this.#inFlight[0]
      if (first === undefined) return undefined
      const { place, startedAt } = first.sent
      const index = place.kind === 'statement' ? place.index : undefined
      return { id: first.step.step.id, index, startedAt }
    }
    return watchStatement(this.#context, current, { everyMs: LOOK_EVERY_MS, patienceMs })
  }

  #outcome(watch: StatementWatch): GroupOutcome {
    const first = this.#inFlight[0]
    const failure = first?.sent.failure
    if (first === undefined || failure === undefined) return COMMITTED
    const cutOff: GroupFailure = {
      failed: first.step,
      script: first.sent.script,
      failure,
      inDoubt: this.#inFlight.filter(({ sent }) => sent.closeSent).map(({ step }) => step),
      blockers: watch.lastSeen(),
      isUnconfirmed: this.#isUnconfirmed,
    }
    const isLost = isLoss(failure.error) || this.#context.signal?.aborted === true
    return isLost ? { kind: 'connection_lost', cutOff } : { kind: 'failed', failure: cutOff }
  }
}

/** The function of the server that warns of a COMMIT whose wait for a standby was ended. */
const STANDBY_WAIT = 'SyncRepWaitForLSN'

const LOOK_EVERY_MS = 100
const LONG_MS = 1000

/** A lock wait with a short limit is looked at soon: afterwards it cannot be found out who held the lock. */
function patienceOf(lockTimeoutMs = 0): number {
  return lockTimeoutMs === 0 ? LONG_MS : Math.min(LONG_MS, lockTimeoutMs / 3)
}

function sizeOf(script: StepScript): number {
  return script.statements.reduce(
    (size, { text, copyData }) => size + text.length + (copyData ? copyData.end - copyData.start : 0),
    script.open.length,
  )
}
