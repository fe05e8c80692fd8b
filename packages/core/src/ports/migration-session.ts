import type { Migration, MigrationId } from '../migration/migration.ts'
import type { History } from '../plan/history.ts'
import type { MigrationPlan, PlanTarget } from '../plan/plan.ts'
import type { RunEvent } from '../runner/run-events.ts'
import type { TrackingStore } from './tracking-store.ts'

/** Opens connections to one database. The engines (`pg-driver`, `embedded`) implement it. */
export interface MigrationDatabase {
  /** What a run shows before it writes; no credentials, no connection made. */
  describeTarget(): PlanTarget
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
  close(): Promise<void>
}

/** The one connection that locks, reads, applies and records. */
export interface MigrationSession extends ReadingSession {
  /** Polls the run lock; TM5xxx naming the holder when the limit passes. `mayLeave` is asked while it waits: true ends the wait without the lock. */
  acquireLock(options: AcquireLockOptions): Promise<'acquired' | 'left'>
  /** Creates or upgrades the tracking tables, honours hand edits, registers each file. Under the lock only. */
  prepare(migrations: readonly Migration[], run: RunIdentity): Promise<History>
  /** Executes the steps in order, telling what happens; ends at the first failure unless `keepGoing`. Failures are events, lost connections throw. */
  executePlan(plan: MigrationPlan, options: ExecuteOptions): AsyncIterable<RunEvent>
  /** Rewrites the summary row, notifies listeners, gives the lock back. */
  finish(run: RunIdentity, options: { readonly changed: boolean }): Promise<void>
}

/** How long to wait for the run lock, in milliseconds, and whom to tell. */
export interface AcquireLockOptions {
  readonly waitMs: number
  readonly onEvent: (event: RunEvent) => void
  readonly mayLeave: () => Promise<boolean>
  readonly signal?: AbortSignal
}

/** Who runs: written into rows and attempts. */
export interface RunIdentity {
  readonly runId: string
  /** Such as `ada@laptop`. */
  readonly executedBy: string
  readonly toolVersion: string
}

/** Options of {@link MigrationSession.executePlan}. */
export interface ExecuteOptions {
  readonly run: RunIdentity
  readonly keepGoing: boolean
  readonly signal?: AbortSignal
}

/** Ids that a step depends on directly; used to go on past failures. */
export type DependencyLookup = (id: MigrationId) => readonly MigrationId[]
