import type { MigrationHeader, MigrationId, MigrationStatus, MigrationType } from '../migration/migration.ts'

/** One row of `schema_migrations`, without its SQL, as planning needs it. */
export interface MigrationRow {
  readonly id: MigrationId
  readonly status: MigrationStatus
  readonly checksum: string
  readonly type: MigrationType
  readonly dependsOn: readonly MigrationId[]
  /** Null in rows written by an older layout. */
  readonly header: MigrationHeader | null
  /** The squash that stands for this row now. */
  readonly replacedBy: MigrationId | null
  readonly reversible: boolean
  readonly appliedAt: Date | null
  readonly executionTimeMs: number | null
  readonly errorMessage: string | null
  /** Of a running or failed attempt. */
  readonly direction: 'up' | 'down' | null
  /** Statements of a non-transactional attempt that are done. */
  readonly statementsDone: number | null
  readonly runId: string | null
  /** For `Run: on_change`: checksums that were completed before the present one. */
  readonly earlierChecksums: readonly string[]
  /**
   * For `Run: on_change`: when its `@up` last committed, re-runs included (`appliedAt` stays with the first time).
   * Tells that something it depends on was run again after it. Null or absent: unknown.
   */
  readonly lastAppliedAt?: Date | null
}

/** What the database remembers, read at one moment. `absent`: the tables do not exist, so everything is pending. */
export type History =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly rows: readonly MigrationRow[] }

/** A migration as the database stored it: what a rollback runs and drift is told from. */
export interface StoredMigration {
  readonly id: MigrationId
  readonly checksum: string
  readonly upSql: string
  readonly downSql: string | null
  readonly verifySql: string | null
  readonly header: MigrationHeader
}

/** One row of `migration_history`: an attempt, never changed afterwards. */
export interface MigrationAttempt {
  readonly id: string
  readonly migrationId: MigrationId
  readonly executedAt: Date
  readonly status: MigrationStatus
  readonly executionTimeMs: number | null
  readonly errorMessage: string | null
  readonly direction: 'up' | 'down' | 'mark' | 'baseline' | 'repair'
  readonly runId: string | null
  readonly executedBy: string | null
  readonly checksum: string | null
  readonly details: Readonly<Record<string, unknown>> | null
}
