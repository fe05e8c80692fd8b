import type { LockHolder } from '../diagnostic/lock-holder.ts'
import type { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import type { BatchProgress } from '../plan/history/history.ts'
import type { MigrationPlan, PlanStep, PlanTarget } from '../plan/plan/plan.ts'
import type { Span } from '../text/span.ts'
import type { HookName } from './run-hooks.ts'

/** A message that the server sent while a statement ran. */
export interface ServerNotice {
  readonly severity: string
  readonly code: string
  readonly message: string
  readonly detail: string | null
  readonly hint: string | null
}

/**
 * What happens during a run, in order, for terminals, logs and telemetry. `step_finished` is sent after the
 * commit, never before. Times are milliseconds.
 */
export type RunEvent =
  | { readonly kind: 'connected'; readonly target: PlanTarget; readonly serverVersion: string }
  | {
      readonly kind: 'lock_waiting'
      readonly waitedMs: number
      readonly limitMs: number
      readonly holder: LockHolder | null
    }
  | { readonly kind: 'lock_acquired'; readonly waitedMs: number }
  /** What a run did or found that no step shows, and what can be done about it. */
  | { readonly kind: 'note'; readonly message: string; readonly help: string }
  | { readonly kind: 'planned'; readonly plan: MigrationPlan; readonly runId: string }
  | {
      readonly kind: 'step_started'
      readonly step: PlanStep
      readonly index: number
      readonly count: number
      readonly attempt: number
    }
  | {
      readonly kind: 'statement_started'
      readonly id: MigrationId
      readonly index: number
      readonly count: number
      readonly span: Span
      readonly summary: string
    }
  | {
      readonly kind: 'statement_finished'
      readonly id: MigrationId
      readonly index: number
      readonly count: number
      readonly durationMs: number
    }
  | {
      readonly kind: 'statement_progress'
      readonly id: MigrationId
      readonly index: number
      readonly phase: string
      readonly done: number
      readonly total: number
      /** `lockers`: transactions that an index build waits for. */
      readonly unit: 'blocks' | 'tuples' | 'bytes' | 'lockers'
    }
  | {
      readonly kind: 'notice'
      readonly id: MigrationId
      readonly index: number
      readonly notice: ServerNotice
    }
  | {
      readonly kind: 'step_retry'
      readonly id: MigrationId
      readonly attempt: number
      readonly limit: number
      readonly delayMs: number
      readonly sqlState: string
      readonly blockers: readonly LockHolder[]
    }
  /** A statement waits for a lock that others hold; sent again while it does. */
  | {
      readonly kind: 'statement_blocked'
      readonly id: MigrationId
      readonly index: number
      readonly waitedMs: number
      readonly blockers: readonly LockHolder[]
    }
  /** A batch is committed. */
  | {
      readonly kind: 'batch_finished'
      readonly id: MigrationId
      /** Of the whole migration, earlier attempts included. */
      readonly progress: BatchProgress
      readonly batchRows: number
      readonly durationMs: number
      /** Of this attempt. */
      readonly rowsPerSecond: number
      /** An estimate; null where it is not known. */
      readonly leftMs: number | null
    }
  /** The next batch waits for a standby; sent again while it does. */
  | {
      readonly kind: 'batch_waiting'
      readonly id: MigrationId
      readonly lagMs: number
      readonly limitMs: number
    }
  /** A migration was stopped between two batches; it is pending, and the next run continues it. */
  | {
      readonly kind: 'step_paused'
      readonly step: PlanStep
      /** `time`: `batchesFor` is over. `waiting_run`: another run waits, and is let in. */
      readonly reason: 'time' | 'waiting_run'
      readonly progress: BatchProgress | null
    }
  | { readonly kind: 'backup_started'; readonly step: PlanStep }
  | {
      readonly kind: 'backup_finished'
      readonly step: PlanStep
      readonly durationMs: number
      readonly details: Readonly<Record<string, unknown>>
    }
  | { readonly kind: 'step_finished'; readonly step: PlanStep; readonly durationMs: number }
  | {
      readonly kind: 'step_failed'
      readonly step: PlanStep
      readonly durationMs: number
      readonly error: TidemarkError
    }
  | { readonly kind: 'hook_started'; readonly hook: HookName }
  /** A line that a hook wrote. */
  | { readonly kind: 'hook_output'; readonly hook: HookName; readonly line: string }
  /** A hook failed after something was done, and the run goes on; a `beforeUp` that fails ends it. */
  | { readonly kind: 'hook_failed'; readonly hook: HookName; readonly error: TidemarkError }
  | {
      readonly kind: 'run_finished'
      readonly done: readonly MigrationId[]
      readonly failed: readonly MigrationId[]
      readonly durationMs: number
    }
