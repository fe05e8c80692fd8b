import type { MigrationId, PlanStep, RunEvent } from '@tidemark/core'
import type { ExecutionContext } from '../engine/execution-context.ts'

/** The steps of a run that are committed, and when that may be reported. */
export class CommittedSteps {
  readonly #emit: ExecutionContext['emit']
  readonly #ids: MigrationId[] = []
  /** Commits that were answered before they were durable. */
  #unsynced: RunEvent[] = []

  constructor(emit: ExecutionContext['emit']) {
    this.#emit = emit
  }

  get ids(): readonly MigrationId[] {
    return this.#ids
  }

  add(step: PlanStep, durability: 'waited' | 'deferred', durationMs: number): void {
    this.#ids.push(step.id)
    this.#unsynced.push({ kind: 'step_finished', step, durationMs })
    if (durability === 'waited') this.reportDurable()
  }

  /** Reports "applied" only after a commit that waited for the disk: the log is ordered. */
  reportDurable(): void {
    for (const event of this.#unsynced) this.#emit(event)
    this.#unsynced = []
  }
}
