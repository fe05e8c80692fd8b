import type { CatalogMark } from '../catalog/model/catalog-mark.ts'
import type { CatalogSession } from '../catalog/read/catalog-session.ts'
import type { CatalogScope } from '../catalog/scope/catalog-scope.ts'
import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { LockHolder } from '../diagnostic/lock-holder.ts'
import type { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { Migration, MigrationBatches, MigrationId } from '../migration/model/migration.ts'
import type { History, StoredMigration } from '../plan/history/history.ts'
import type { MigrationPlan, PlanStep, PlanTarget } from '../plan/plan/plan.ts'
import type { RelationName } from '../sql/facts/relation-name.ts'
import type { RunEvent } from './run-events.ts'
import type { TrackingStore } from './tracking-store.ts'

/** Opens connections to one database. The engines (`pg-driver`, `embedded`) implement it. */
export interface MigrationDatabase {
  /** What a run shows before it writes; no credentials, no connection made. */
  describeTarget(): PlanTarget
  /** Loads what a connection will need, while the files are read; connects nowhere, and never fails. */
  load?(): Promise<void>
  /** A read-only connection: no lock, no write, no DDL. */
  openReader(signal?: AbortSignal): Promise<ReadingSession>
  /** The connection that migrates: probed (a transaction pooler is refused), settings applied. */
  openSession(signal?: AbortSignal): Promise<MigrationSession>
}

/** A connection that only reads. */
export interface ReadingSession {
  readonly target: PlanTarget
  readonly serverVersion: string
  readonly store: TrackingStore
  /** The connection as reading the catalog needs it: see `readCatalog`. */
  readonly catalog: CatalogSession
  /**
   * Who holds the run lock at this moment; null when nobody does, or the engine has one session. One query
   * that can travel with another.
   */
  findRunner(): Promise<LockHolder | null>
  /**
   * Runs the `@verify` of each migration, in a read-only transaction that is rolled back; goes on after one
   * that does not hold.
   */
  verify(migrations: Iterable<StoredMigration>): AsyncIterable<VerifyOutcome>
  /**
   * Estimates how many rows tables hold, by `formatRelationName`; what is not known is left out. For those
   * who are asked about a plan.
   */
  estimateRows?(relations: readonly RelationName[]): Promise<ReadonlyMap<string, number>>
  /**
   * Reads what a walk in batches would find; undefined where that cannot be known. For those who are asked about
   * a plan.
   */
  readBatchExtent?(batches: MigrationBatches): Promise<BatchExtent | undefined>
  /**
   * Lists the schemas that an API serves: those on which its roles (`anon`, `authenticated`) were granted
   * USAGE. For those who are asked about a plan.
   */
  listExposedSchemas?(): Promise<readonly string[]>
  /**
   * Finds files that could not be recorded, since the database's encoding lacks a character of them: TM3009
   * at its place. Asks the database only where a text has more than ASCII.
   */
  findUnstorable?(migrations: readonly Migration[]): Promise<readonly Diagnostic[]>
  close(): Promise<void>
}

/** What a walk in batches would find now. */
export interface BatchExtent {
  /** Rows of the table, by the server's estimate; null: unknown. */
  readonly rows: number | null
  /** The smallest and the largest key, as text; null of an empty table. */
  readonly first: string | null
  readonly last: string | null
}

/** The one connection that locks, reads, applies and records. */
export interface MigrationSession
  extends Omit<
    ReadingSession,
    | 'verify'
    | 'findRunner'
    | 'estimateRows'
    | 'readBatchExtent'
    | 'listExposedSchemas'
    | 'findUnstorable'
    | 'catalog'
  > {
  /**
   * Polls the run lock; TM5xxx naming the holder when the limit passes. `mayLeave` is asked while it waits:
   * true ends the wait without the lock.
   */
  acquireLock(options: AcquireLockOptions): Promise<'acquired' | 'left'>
  /**
   * Creates or upgrades the tracking tables, honours hand edits, registers each file. Under the lock only.
   * `onEvent` gets a `note` of what was changed that nobody asked for.
   */
  prepare(
    migrations: readonly Migration[],
    run: RunIdentity,
    onEvent?: (event: RunEvent) => void,
  ): Promise<History>
  /** Reads the mark of the catalog as it is now, for a plan that was rehearsed. Reads only. */
  readCatalogMark(scope: CatalogScope): Promise<CatalogMark>
  /** Finds the steps that could not be recorded: TM3009. `executePlan` fails them before they run. */
  checkPlan(plan: MigrationPlan): readonly Diagnostic[]
  /**
   * Executes the steps in order, telling what happens; ends at the first failure unless `keepGoing`. Failures
   * are events, lost connections throw.
   */
  executePlan(plan: MigrationPlan, options: ExecuteOptions): AsyncIterable<RunEvent>
  /** Gives the run lock to a run that waits for it; returns once that run has it, or waits no longer. */
  yieldLock(): Promise<void>
  /** Rewrites the summary row, notifies listeners, gives the lock back. */
  finish(run: RunIdentity, options: FinishOptions): Promise<void>
}

/** How long to wait for the run lock, in milliseconds, and whom to tell. */
export interface AcquireLockOptions {
  readonly waitMs: number
  readonly onEvent: (event: RunEvent) => void
  readonly mayLeave: () => Promise<boolean>
  /**
   * `openly`: a run that walks in batches sees it, and lets it in. `quietly`: of a run that let others in itself.
   * Default `openly`.
   */
  readonly waits?: 'openly' | 'quietly'
  readonly signal?: AbortSignal
}

/** Who runs: written into rows and attempts. */
export interface RunIdentity {
  readonly runId: string
  /** Such as `ada@laptop`. */
  readonly executedBy: string
  readonly toolVersion: string
  /** Why it is done, as the user said: goes into the attempts' `details`. */
  readonly reason?: string
  /** What is known of an attempt before it is recorded, such as its backup: goes into its `details`. */
  readonly notes?: ReadonlyMap<MigrationId, Readonly<Record<string, unknown>>>
}

/** What was measured of one attempt and goes into its `details` when the run ends. */
export interface AttemptMeasures {
  readonly id: MigrationId
  readonly direction: 'up' | 'down'
  readonly details: Readonly<Record<string, unknown>>
}

/** How a run ends. */
export interface FinishOptions {
  /** A step was done or failed. */
  readonly changed: boolean
  /** It was a run of `up`, and it applied nothing: the next `down --run last` is to know. Default false. */
  readonly idle?: boolean
  /** What was measured of the attempts; adds to what their records say. */
  readonly measures?: readonly AttemptMeasures[]
}

/** What an applied migration's `@verify` came to when it was run again. */
export interface VerifyOutcome {
  readonly id: MigrationId
  /** `none`: there is nothing to verify. */
  readonly kind: 'held' | 'failed' | 'none'
  /** How many queries it has. */
  readonly statements: number
  readonly durationMs: number
  /** Why it does not hold: TM5005 with the query in `details`. */
  readonly error: TidemarkError | null
}

/** Options of {@link MigrationSession.executePlan}. */
export interface ExecuteOptions {
  readonly run: RunIdentity
  readonly keepGoing: boolean
  readonly signal?: AbortSignal
  /** Absent: a walk in batches goes on to its end. */
  readonly batches?: BatchOptions
  /** Saves what a step destroys before it runs; a step whose backup fails is not run. */
  readonly backup?: StepBackup
}

/** When a walk in batches stops before its end. */
export interface BatchOptions {
  /** By `performance.now()`; undefined: never. */
  readonly until: number | undefined
  /** Lets other runs in that wait for the lock: then the plan ends with `step_paused`. */
  readonly yields: boolean
}

/** Saves data before a step that destroys it. */
export interface StepBackup {
  /** Tells whether a step may take data away; asked for every step. */
  isNeeded(step: PlanStep): boolean
  /** Makes sure before the first step that saving will work. @throws TidemarkError TM6030, TM7017. */
  prepare(steps: readonly PlanStep[], run: RunIdentity): Promise<void>
  /** Begins the archive of one step. @throws TidemarkError TM5040, also by its methods. */
  open(step: PlanStep, run: RunIdentity): Promise<StepArchive>
}

/** What is saved of one step. */
export interface StepArchive {
  /** Resolves when more may be written. */
  write(part: string | Uint8Array): Promise<void>
  /** Ends it, before COMMIT; gives what goes into the attempt's `details`. */
  finish(saved: SavedData): Promise<Readonly<Record<string, unknown>>>
  /** Removes it: nothing was lost. */
  discard(): Promise<void>
}

/** How much was saved. */
export interface SavedData {
  readonly tables: readonly string[]
  readonly rows: number
}
