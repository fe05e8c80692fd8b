import type { CatalogMark } from '../catalog/model/catalog-mark.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import type { History, IdleRun, MigrationAttempt, StoredMigration } from '../plan/history/history.ts'

/**
 * Reads what the database remembers. Never writes, locks or creates; works with SELECT alone, on a replica.
 */
export interface TrackingStore {
  /**
   * One query; `absent` when the tables do not exist. TM3xxx when they are foreign, too new or hidden by row
   * security.
   */
  readHistory(): Promise<History>
  /** The stored SQL and header of these ids; ids without a row are left out. */
  readStored(ids: readonly MigrationId[]): Promise<ReadonlyMap<MigrationId, StoredMigration>>
  /** Attempts, newest first. */
  listAttempts(filter: AttemptFilter): Promise<readonly MigrationAttempt[]>
  /** The run of `up` that had nothing to do since the last change; null when there was none. */
  readIdleRun(): Promise<IdleRun | null>
  /** What the last run has recorded of the catalog; null when it did not. */
  readCatalogMark(): Promise<CatalogMark | null>
}

/** Which attempts to list; every part narrows. */
export interface AttemptFilter {
  readonly id?: MigrationId
  readonly runId?: string
  readonly since?: Date
  readonly limit?: number
}
