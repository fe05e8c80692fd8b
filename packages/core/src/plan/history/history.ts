import type { DownVerdict } from '../../migration/model/down-verdict.ts'
import type {
  MigrationHeader,
  MigrationId,
  MigrationStatus,
  MigrationType,
} from '../../migration/model/migration.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { Application } from './application.ts'

/** What one content of a migration's file says of it. */
export interface MigrationVersion {
  readonly checksum: string
  readonly type: MigrationType
  readonly dependsOn: readonly MigrationId[]
  /** Null in rows written by an older layout. */
  readonly header: MigrationHeader | null
  readonly reversible: boolean
}

/** How far a walk in batches is, as the row keeps it. */
export interface BatchProgress {
  readonly direction: 'up' | 'down'
  /** What is walked, as the header has it: the cursor is of this key. */
  readonly table: string
  readonly column: string
  /** The last key that is done, as text. */
  readonly cursor: string
  /** The smallest key when the walk began. */
  readonly first: string
  /** The largest key when this walk began. */
  readonly last: string
  /** Rows that the statements have changed. */
  readonly rows: number
  readonly batches: number
  /** 1 for the keys that were there when it began, and one more for each time more were found behind them. */
  readonly walks: number
  /** Rows of the next batch. */
  readonly size: number
  /** 0 to 100; null where it cannot be estimated. */
  readonly percent: number | null
}

/** One row of `schema_migrations`, without its SQL, as planning needs it. */
export interface MigrationRow extends MigrationVersion {
  readonly id: MigrationId
  readonly status: MigrationStatus
  /** The squash that has replaced this row. */
  readonly replacedBy: MigrationId | null
  readonly appliedAt: Date | null
  readonly executionTimeMs: number | null
  readonly errorMessage: string | null
  /** Of a running or failed attempt. */
  readonly direction: 'up' | 'down' | null
  /** Statements of a non-transactional attempt that are done. */
  readonly statementsDone: number | null
  /** Of a migration that runs in batches, until it is done: what is done of it. */
  readonly progress?: BatchProgress
  /** The run that wrote this row last. */
  readonly runId: string | null
  /** For `Run: on_change`: checksums that were completed, without the present one while it is. */
  readonly earlierChecksums: readonly string[]
  /**
   * For `Run: on_change`, after an attempt to run it again that did not complete: the version that was
   * completed last.
   */
  readonly inForce?: MigrationVersion
  /**
   * For `Run: on_change`: when its `@up` last committed, re-runs included (`appliedAt` stays with the first
   * time). Tells that something it depends on was run again after it. Null or absent: unknown.
   */
  readonly lastAppliedAt?: Date | null
  /**
   * For `Run: on_change`: the newest attempt before its `@up` last committed. Tells the order of re-runs
   * where clocks do not agree.
   */
  readonly lastAppliedAfter?: number
  /** What a check showed of its `@down` before it was applied, where that is known. */
  readonly downVerdict?: DownVerdict
  /** How it came to be applied, where `withApplications` added it. */
  readonly application?: Application
}

/**
 * What the database remembers, read at one moment. `absent`: the tables do not exist, so everything is
 * pending.
 */
export type History =
  | { readonly kind: 'absent' }
  | { readonly kind: 'present'; readonly rows: readonly MigrationRow[] }

/** A migration as the database stored it: what a rollback runs, and what a file is compared with. */
export interface StoredMigration {
  readonly id: MigrationId
  readonly checksum: string
  readonly upSql: string
  readonly downSql: string | null
  readonly verifySql: string | null
  readonly header: MigrationHeader
  /** What a check showed of `downSql` before it was applied, where that is known. */
  readonly downVerdict?: DownVerdict
  /** Of a file with variables: its sections as they are written, by which changes are judged. */
  readonly template?: Pick<StoredMigration, 'upSql' | 'downSql' | 'verifySql'>
  /** With the values of its variables: what is executed, in place of `downSql` and `verifySql`. */
  readonly executed?: { readonly down: SourceFile | null; readonly verify: SourceFile | null }
  /**
   * What the row's {@link MigrationRow.inForce} says, with its SQL: this is what is applied, and what is
   * rolled back.
   */
  readonly inForce?: StoredMigration
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
  /** The order of the attempts, which no clock decides. */
  readonly sequence: number
}

/** A run of `up` that applied nothing, the first one after the last change. */
export interface IdleRun {
  readonly runId: string
  readonly executedBy: string | null
  readonly endedAt: Date
  /** The newest attempt before it. */
  readonly sequence: number
}

/** Gives the `@up` of a stored migration as its file was written. */
export function writtenUpSql({ upSql, template }: Pick<StoredMigration, 'upSql' | 'template'>): string {
  return template?.upSql ?? upSql
}
