import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import type { VariableValues } from '../migration/variables/bind-text.ts'
import type { BatchProgress, MigrationAttempt } from '../plan/history/history.ts'
import type { ApplyOptions } from '../plan/pending/apply-options.ts'
import type { MigrationState } from '../plan/pending/classify.ts'
import type {
  CrossBaseline,
  MigrationPlan,
  PlanRequest,
  PlanStep,
  PlanTarget,
  RollbackRequest,
} from '../plan/plan/plan.ts'
import type { SavedPlan } from '../plan/plan/saved-plan.ts'
import type { MarkAs } from '../plan/record/plan-mark.ts'
import type { MigrationReader } from '../ports/migration-reader.ts'
import type { MigrationDatabase, StepBackup, VerifyOutcome } from '../ports/migration-session.ts'
import type { RunEvent } from '../ports/run-events.ts'
import type { RunHooks } from '../ports/run-hooks.ts'

/** What a `MigrationRunner` is made from. */
export interface RunnerOptions {
  readonly database: MigrationDatabase
  readonly migrations: MigrationReader
  /** Which files with `Environments` are for this database. Default: none of them. */
  readonly environment?: string | undefined
  /** Values of the variables that files declare. Default none. */
  readonly variables?: VariableValues | undefined
  /** How long to wait for another run, in milliseconds. */
  readonly lockWaitMs: number
  /** Such as `ada@laptop`: written into rows and attempts. */
  readonly executedBy: string
  readonly toolVersion: string
  /** Gives a new UUID for each run. */
  readonly newRunId: () => string
  /** Told of every run, for telemetry. */
  readonly observeRun?: ((action: RunAction) => Promise<RunObserver | undefined>) | undefined
  /**
   * Takes one sentence about a listener that failed: the run goes on, since what only listens decides
   * nothing. Default: nothing is said.
   */
  readonly warn?: ((message: string) => void) | undefined
  /** What a project does before and after runs of `up`. Default nothing. */
  readonly hooks?: RunHooks | undefined
  /** How long one hook may take, in milliseconds; 0 is no limit. Default 60 seconds. */
  readonly hookTimeoutMs?: number | undefined
  /** Saves data before destructive steps: those of every run, or only where a run asks for it. */
  readonly backup?: { readonly steps: StepBackup; readonly when: 'always' | 'asked' } | undefined
}

/** What a run does. */
export type RunAction = PlanRequest['action']

/** Follows one run from its beginning to its end. */
export interface RunObserver {
  onEvent(event: RunEvent): void
  /** Called once, with what ended the run early. */
  end(error: unknown): void
}

/** What to plan, and how. */
export interface PlanOptions extends ApplyOptions {
  readonly signal?: AbortSignal | undefined
}

/** How a run behaves, whatever it does. */
export interface ExecutionOptions {
  /** Plans and changes nothing. Default false. */
  readonly dryRun?: boolean | undefined
  /** A plan from `savePlan`: the run is refused with TM4006 when files or database have moved since. */
  readonly plan?: SavedPlan | undefined
  /** Lets a saved plan run on another database than the one it was made for. Default false. */
  readonly anyTarget?: boolean | undefined
  /** Goes on with what does not depend on a failed step. Default false. */
  readonly keepGoing?: boolean | undefined
  /** Why, in the user's words: written into the attempts' `details`. */
  readonly reason?: string | undefined
  /** Saves what destructive steps take away before they run. Default: what the runner was made with. */
  readonly backup?: boolean | undefined
  /**
   * Of `runMigrations`: stops migrations with `Batches` after this time, between two batches. What is not done
   * stays pending, and the next run continues it. Default: to the end.
   */
  readonly batchesForMs?: number | undefined
  /** Ends the run: what is under way is rolled back, and TM5008 is thrown. */
  readonly signal?: AbortSignal | undefined
  /**
   * Called with what happens, in order. What it throws, or rejects with, is warned of once and does not end
   * the run.
   */
  readonly onEvent?: ((event: RunEvent) => void) | undefined
}

/** What `runMigrations` takes. */
export interface RunOptions extends ApplyOptions, ExecutionOptions {}

/** What `reset` and `switchToFiles` take. */
export interface RoundTripOptions extends ExecutionOptions, CrossBaseline {}

/** What `rollBack` takes. */
export interface RollbackOptions extends ExecutionOptions, CrossBaseline {
  /** Default: one step. */
  readonly request?: RollbackRequest | undefined
  /** Whose `@down` runs. Default `stored`. */
  readonly source?: 'stored' | 'files' | undefined
}

/** What `mark` takes. */
export interface MarkOptions extends ExecutionOptions {
  readonly ids: readonly MigrationId[]
  readonly as: MarkAs
}

/** What `baseline` takes. */
export interface BaselineOptions extends ExecutionOptions {
  /** The last migrations whose effect the database already has. */
  readonly through: readonly MigrationId[]
}

/** What `repair` takes. */
export interface RepairOptions extends ExecutionOptions {
  /** Default: every difference that needs no look. */
  readonly ids?: readonly MigrationId[] | undefined
  /** Stores also a file that says something else than what ran. Default false. */
  readonly adopt?: boolean | undefined
}

/** What `redo` takes. */
export interface RedoOptions extends ExecutionOptions, CrossBaseline {
  /** Default: the latest. */
  readonly id?: MigrationId | undefined
  /** Takes applied migrations that depend on it along. Default false: they refuse it. */
  readonly cascade?: boolean | undefined
  /** Calls the hooks of the runner, as `runMigrations` does. Default false: they are those of `up`. */
  readonly withHooks?: boolean | undefined
}

/** What `verify` takes. */
export interface VerifyOptions {
  /** Default: everything applied. */
  readonly ids?: readonly MigrationId[] | undefined
  readonly signal?: AbortSignal | undefined
}

/** What `verify` found, in topological order. */
export interface VerifyReport {
  readonly target: PlanTarget
  readonly outcomes: readonly VerifyOutcome[]
}

/** Attempts, newest first. */
export interface HistoryReport {
  readonly target: PlanTarget
  readonly attempts: readonly MigrationAttempt[]
}

/** What a run came to. A failed one throws instead. */
export interface RunResult {
  /**
   * `done`: every step; `nothing_to_do`; `dry_run`: only planned; `left_to_others`: another run did it all, or the rest;
   * `paused`: the time for batches was over.
   */
  readonly outcome: 'done' | 'nothing_to_do' | 'dry_run' | 'left_to_others' | 'paused'
  readonly runId: string
  readonly target: PlanTarget
  readonly serverVersion: string
  readonly plan: MigrationPlan
  /** Ids of the steps that are done, in order. */
  readonly done: readonly MigrationId[]
  readonly durationMs: number
  /** Where a migration in batches was stopped, of the outcome `paused`. */
  readonly paused?: { readonly step: PlanStep; readonly progress: BatchProgress | null }
  /** Hooks that failed after something was done: TM7039. They change neither outcome nor records. */
  readonly hookFailures?: readonly Diagnostic[]
  /**
   * Of a plan that rolls back: how many rows the tables that it takes away hold, by the server's estimate; by
   * name, as the plan writes it.
   */
  readonly estimatedRows?: ReadonlyMap<string, number>
}

/** The state of every migration. */
export interface StatusReport {
  readonly target: PlanTarget
  readonly serverVersion: string
  /** False when the tracking tables do not exist yet: then all is pending. */
  readonly isTracked: boolean
  readonly states: ReadonlyMap<MigrationId, MigrationState>
  /** What a run would apply, in order. */
  readonly pending: readonly MigrationId[]
  readonly heads: readonly Migration[]
  /** FileChange, orphans, notes. */
  readonly findings: readonly Diagnostic[]
}
