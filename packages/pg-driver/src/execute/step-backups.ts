import { type MigrationId, type PlanStep, type StepBackup, TidemarkError } from '@tidemark/core'
import type { ExecutionContext } from '../engine/execution-context.ts'

/** What is saved before steps that destroy something: once each, however often a step is tried. */
export class StepBackups {
  readonly #context: ExecutionContext
  readonly #backup: StepBackup | undefined
  readonly #saved = new Set<MigrationId>()

  constructor(context: ExecutionContext, backup: StepBackup | undefined) {
    this.#context = context
    this.#backup = backup
  }

  /** Tells whether something is to be saved before this step, and is not yet. */
  isDue(step: PlanStep): boolean {
    return this.#backup?.isNeeded(step) === true && !this.#saved.has(step.id)
  }

  /** Saves what a step destroys before it runs. False: that failed, and the step is not to be run. */
  async save(step: PlanStep): Promise<boolean> {
    const { emit, run } = this.#context
    const startedAt = performance.now()
    emit({ kind: 'backup_started', step })
    try {
      const details = await this.#backup?.save(step, run)
      const durationMs = performance.now() - startedAt
      this.#saved.add(step.id)
      if (details !== undefined) emit({ kind: 'backup_finished', step, durationMs, details })
      return true
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      emit({ kind: 'step_failed', step, durationMs: performance.now() - startedAt, error })
      return false
    }
  }
}
