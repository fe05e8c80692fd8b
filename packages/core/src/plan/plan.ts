import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../migration/migration.ts'
import type { StoredMigration } from './history.ts'

/** Which database a plan is for, without credentials. */
export interface PlanTarget {
  readonly host: string
  readonly port: number | null
  readonly database: string
  readonly user: string
  /** The schema of the tracking tables. */
  readonly schema: string
  /** `pg_control_system().system_identifier` where readable, else null. */
  readonly systemIdentifier: string | null
}

/** Why a step is in the plan. */
export type StepReason = 'pending' | 'failed' | 'changed' | 'dependency_changed' | 'requested' | 'resumed'

/** One decision of a plan. `id` is always the migration's id. */
export type PlanStep =
  | {
      readonly kind: 'apply'
      readonly id: MigrationId
      readonly migration: Migration
      readonly reason: StepReason
      readonly resumeAt: number
    }
  /** A non-transactional migration whose statements are all done but whose verify failed. */
  | { readonly kind: 'verify'; readonly id: MigrationId; readonly migration: Migration }
  | {
      readonly kind: 'roll_back'
      readonly id: MigrationId
      readonly stored: StoredMigration
      readonly resumeAt: number
    }
  /** Recorded without executing: a squash whose replaced ids are all completed, a mark, a baseline. */
  | {
      readonly kind: 'record'
      readonly id: MigrationId
      readonly migration: Migration
      readonly as: 'squash' | 'mark' | 'baseline'
    }

/** The ordered decision as data: printed, saved, compared, and exactly what is applied. */
export interface MigrationPlan {
  readonly formatVersion: 1
  readonly direction: 'up' | 'down'
  readonly steps: readonly PlanStep[]
  /** Drift, orphans, notes. Any with severity `error` refuses the run before anything runs. */
  readonly findings: readonly Diagnostic[]
  /** How many migrations the files hold. */
  readonly total: number
  /** Pending ids that this plan leaves out on purpose (`target`, `steps`, `tags`, `blocking`). */
  readonly leftOut: readonly MigrationId[]
  /** SHA-256 over what shapes the plan, see `digestPlan`. */
  readonly digest: string
}
