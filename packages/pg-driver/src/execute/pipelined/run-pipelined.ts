import type { LockHolder } from '@tidemark/core'
import { toServerNotice } from '../../connection/to-server-notice.ts'
import type { ExecutionContext } from '../../engine/execution-context.ts'
import { type StepScript, type TransactionalStep, writeScript } from '../../script/step-script.ts'
import { summarizeStatement } from '../../script/summarize-statement.ts'
import { watchBlockers } from '../watch/blocker-watch.ts'
import { createWindow } from './in-flight-window.ts'
import { type PipelinedOutcome, PipelinedStep } from './pipelined-step.ts'

/** One step of a group. */
export interface GroupStep {
  readonly step: TransactionalStep
  /** Its place in the plan, and how many steps the plan has. */
  readonly index: number
  readonly count: number
  readonly attempt: number
  readonly after: readonly string[]
  readonly durability: 'waited' | 'deferred'
  readonly naming: 'prepared' | 'inline'
  /** See `ScriptPlace`. */
  readonly marker: 'trusted' | 'cleared'
  readonly mark: string
  readonly previousToken: string | undefined
}

/** The first step of a group that failed; those before it are committed, those behind it did nothing. */
export interface GroupFailure {
  readonly failed: GroupStep
  readonly script: StepScript
  readonly outcome: Extract<PipelinedOutcome, { readonly kind: 'failed' }>
  /** Steps that were on their way and whose COMMIT was sent: in doubt when the connection is lost. */
  readonly inDoubt: readonly GroupStep[]
  readonly blockers: readonly LockHolder[]
}

/** What a group tells besides events. */
export interface GroupObserver {
  committed(step: GroupStep, durationMs: number): void
}

const STATEMENT_WINDOW = { count: 256, sizeBytes: 1024 * 1024 }
/** Light steps are answered faster than a small window is filled again; it costs nothing when one fails. */
const STEP_WINDOW = { count: 64, sizeBytes: 4 * 1024 * 1024 }

/**
 * Sends transactional steps one behind the other without waiting for answers, as far as the windows let it. A step behind
 * a failed one is refused by the server: the failed transaction stays open until everything has been answered.
 *
 * @returns undefined when all are committed.
 */
export async function runPipelined(
  context: ExecutionContext,
  steps: readonly GroupStep[],
  observer: GroupObserver,
): Promise<GroupFailure | undefined> {
  const statementWindow = createWindow(STATEMENT_WINDOW)
  const stepWindow = createWindow(STEP_WINDOW)
  const inFlight: { readonly flight: PipelinedStep; readonly step: GroupStep; readonly sizeBytes: number }[] =
    []
  let failed = false
  const { connection, emit } = context
  const watch = watchBlockers(context, () => inFlight[0]?.flight)

  const startHead = () => {
    const head = inFlight[0]
    if (head === undefined) return
    const { step, index, count, attempt } = head.step
    emit({ kind: 'step_started', step, index, count, attempt })
    head.flight.begin()
  }
  connection.onNotice((notice) => {
    const head = inFlight[0]
    if (head === undefined || failed) return
    const { place, script } = head.flight
    if (place.kind !== 'statement' && (place.kind !== 'close' || notice.code === '25P01')) return
    const index = place.kind === 'statement' ? place.index : Math.max(0, script.statements.length - 1)
    emit({ kind: 'notice', id: head.step.step.id, index, notice: toServerNotice(notice) })
  })

  try {
    for (const step of steps) {
      const script = writeScript(step.step, step, context)
      const sizeBytes = sizeOf(script)
      const room = stepWindow.room(sizeBytes)
      if (room !== undefined) await room
      if (script.facts.needsAnswers) await Promise.all(inFlight.map(({ flight }) => flight.drained()))
      if (failed || context.signal?.aborted) break
      const flight = new PipelinedStep({
        script,
        connection,
        window: statementWindow,
        observer: observe(script, step),
      })
      inFlight.push({ flight, step, sizeBytes })
      stepWindow.add(sizeBytes)
      if (inFlight.length === 1) startHead()
      await flight.send()
      if (failed) break
    }
    await Promise.all(inFlight.map(({ flight }) => flight.drained()))
    return describeEnd()
  } finally {
    connection.onNotice(null)
    await watch.stop()
  }

  function observe(script: StepScript, step: GroupStep) {
    const id = step.step.id
    const count = script.statements.length
    return {
      statementStarted(index: number) {
        const statement = script.statements[index]
        if (statement === undefined) return
        const summary = summarizeStatement(script.source.text, statement.span)
        emit({ kind: 'statement_started', id, index, count, span: statement.span, summary })
      },
      statementFinished(index: number, durationMs: number) {
        emit({ kind: 'statement_finished', id, index, count, durationMs })
      },
      committed(durationMs: number) {
        const landed = inFlight.shift()
        if (landed !== undefined) stepWindow.remove(landed.sizeBytes)
        observer.committed(step, durationMs)
        startHead()
      },
      failed() {
        failed = true
        stepWindow.open()
      },
    }
  }

  function describeEnd(): GroupFailure | undefined {
    const head = inFlight[0]
    const outcome = head?.flight.outcome
    if (head === undefined || outcome?.kind !== 'failed') return undefined
    return {
      failed: head.step,
      script: head.flight.script,
      outcome,
      inDoubt: inFlight.filter(({ flight }) => flight.closeSent).map(({ step }) => step),
      blockers: watch.lastSeen(),
    }
  }
}

function sizeOf(script: StepScript): number {
  return script.statements.reduce(
    (size, { text, copyData }) => size + text.length + (copyData ? copyData.end - copyData.start : 0),
    script.open.length,
  )
}
