import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { Migration, MigrationId, MigrationStatus } from '../../migration/model/migration.ts'
import type { Application } from '../history/application.ts'
import type { StoredMigration } from '../history/history.ts'

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
  /** Where SQL without a schema lands, where a setting or the URL asks for it; else the server decides. */
  readonly searchPath?: readonly string[] | undefined
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
      /** How it came to be applied, where that is known: for those who are asked. */
      readonly application?: Application
    }
  /**
   * Recorded without executing: a squash whose replaced ids are all completed, a mark, a baseline, a file
   * adopted by a repair.
   */
  | {
      readonly kind: 'record'
      readonly id: MigrationId
      readonly migration: Migration
      readonly as: 'squash' | 'mark' | 'baseline' | 'repair'
      /**
       * The applied migration whose file was renamed to this one: its place, run, times and dependents become
       * this one's.
       */
      readonly renamedFrom?: MigrationId
    }
  /** Marked as not applied without executing anything. `migration` is null when the file is gone. */
  | {
      readonly kind: 'unrecord'
      readonly id: MigrationId
      readonly migration: Migration | null
      readonly as: 'pending' | 'rolled_back'
    }

/**
 * What was asked for, as far as it shapes a plan; absent parts were not asked for. JSON-safe: part of the
 * digest and of a saved plan.
 */
export type PlanRequest =
  | {
      readonly action: 'apply'
      readonly target?: MigrationId
      readonly steps?: number
      readonly tags?: readonly string[]
      readonly blocking?: true
      readonly rerun?: readonly MigrationId[]
    }
  | ({
      readonly action: 'roll_back'
      readonly rollback: RollbackRequest
      readonly source: 'stored' | 'files'
    } & CrossBaseline)
  | { readonly action: 'baseline'; readonly through: readonly MigrationId[] }
  | {
      readonly action: 'mark'
      readonly ids: readonly MigrationId[]
      readonly as: 'completed' | 'pending' | 'rolled_back'
    }
  /** Without ids: every difference that needs no look. `adopt`: also one that refuses a run. */
  | { readonly action: 'repair'; readonly ids: readonly MigrationId[]; readonly adopt: boolean }
  /** Rolled back and applied again. */
  | ({ readonly action: 'redo'; readonly rollback: RollbackRequest } & CrossBaseline)
  /** Everything rolled back, then everything applied. */
  | ({ readonly action: 'reset' } & CrossBaseline)
  /** What the files no longer have rolled back, then what is pending applied. */
  | ({ readonly action: 'switch' } & CrossBaseline)

/** What may be rolled back although it was recorded without being executed. */
export interface CrossBaseline {
  /** Ids of such migrations; `any` plans with all of them, to see what they are, and cannot be executed. */
  readonly beyondBaseline?: readonly MigrationId[] | 'any'
}

/** Which applied migrations to roll back. */
export type RollbackRequest =
  /** The latest `count`, in reverse. */
  | { readonly kind: 'steps'; readonly count: number }
  /** All that was applied after `id` and does not precede it in the graph; `id` itself stays. */
  | { readonly kind: 'to'; readonly id: MigrationId }
  /** `id` alone, or with the applied migrations that depend on it. */
  | { readonly kind: 'target'; readonly id: MigrationId; readonly dependents: 'refuse' | 'cascade' }
  /** These, with the applied migrations that depend on them. */
  | { readonly kind: 'targets'; readonly ids: readonly MigrationId[] }
  /**
   * All that one run applied: an id, the beginning of one, or `last`, the last run of `up` that applied
   * something and is in force.
   */
  | { readonly kind: 'run'; readonly runId: string }
  | { readonly kind: 'all' }

/** A row of the database as far as a plan rests on it; rows that are `pending` are left out. */
export interface PlanBasisRow {
  readonly id: MigrationId
  readonly status: MigrationStatus
  readonly checksum: string
  readonly statementsDone: number | null
}

/** The ordered decision as data: printed, saved, compared, and exactly what is applied. */
export interface MigrationPlan {
  readonly formatVersion: 1
  readonly direction: 'up' | 'down'
  readonly request: PlanRequest
  readonly steps: readonly PlanStep[]
  /** FileChange, orphans, notes. Any with severity `error` refuses the run before anything runs. */
  readonly findings: readonly Diagnostic[]
  /** How many migrations the files hold. */
  readonly total: number
  /** Pending ids that this plan leaves out on purpose (`target`, `steps`, `tags`, `blocking`). */
  readonly leftOut: readonly MigrationId[]
  /** The rows that the plan rests on, sorted by id in code units. */
  readonly basis: readonly PlanBasisRow[]
  /** SHA-256 over the values of variables that are not secret; absent where there is none. */
  readonly valuesDigest?: string
  /** SHA-256 over what shapes the plan, see `digestPlan`. */
  readonly digest: string
}

/**
 * Tells whether a plan may not be executed: one of its findings is an error. Nothing runs then, not even its
 * sound steps.
 *
 * @example if (isRefused(plan)) console.error(plan.findings)
 */
export function isRefused(plan: Pick<MigrationPlan, 'findings'>): boolean {
  return plan.findings.some((finding) => finding.severity === 'error')
}
