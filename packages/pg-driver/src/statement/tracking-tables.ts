import type {
  BatchProgress,
  ConcurrentReindex,
  DownVerdict,
  MigrationHeader,
  MigrationStatus,
  MigrationType,
} from '@tidemark/core'
import type { Generated, GeneratedAlways } from 'kysely'

/** One row per known migration. Timestamps and JSON are read as text and parsed in `rows.ts`. */
export interface SchemaMigrationsTable {
  readonly id: string
  readonly name: string
  readonly description: string | null
  readonly migration_type: MigrationType
  readonly up_sql: string
  readonly down_sql: string | null
  readonly depends_on: Generated<readonly string[]>
  readonly status: Generated<MigrationStatus>
  readonly applied_at: Date | null
  readonly execution_time_ms: number | null
  readonly checksum: string
  readonly error_message: string | null
  readonly verify_sql: string | null
  readonly header: Generated<StoredHeader>
  readonly direction: string | null
  readonly statements_done: number | null
  /** Of a migration that runs in batches, while it is not done. */
  readonly progress: BatchProgress | null
  readonly run_id: string | null
  readonly applied_by: string | null
  readonly tool_version: string | null
  readonly created_at: Generated<Date>
  readonly updated_at: Generated<Date>
}

/** Append-only: one row per attempt. */
export interface MigrationHistoryTable {
  readonly id: Generated<string>
  readonly migration_id: string | null
  readonly executed_at: Generated<Date>
  readonly status: MigrationStatus
  readonly execution_time_ms: number | null
  readonly error_message: string | null
  readonly direction: AttemptDirection
  readonly run_id: string | null
  readonly executed_by: string | null
  readonly checksum: string | null
  readonly details: Readonly<Record<string, unknown>> | null
  /** The order of the attempts, which no clock decides. */
  readonly sequence: GeneratedAlways<number>
}

/** Exactly one row, for people: nothing decides by it. */
export interface DatabaseSchemaTable {
  readonly id: Generated<string>
  readonly version: string
  readonly last_migration: string | null
  readonly applied_migrations: Generated<readonly string[]>
  readonly updated_at: Generated<Date>
  /** The newest attempt that the row counts. */
  readonly sequence: number | null
  /** The first run of `up` after that attempt which applied nothing, see `IdleRun`. */
  readonly idle: Readonly<Record<string, unknown>> | null
  /** What the last run with `trackDrift` has recorded of the catalog, see `CatalogMark`. */
  readonly catalog: Readonly<Record<string, unknown>> | null
}

/** What the three tables hold: the one place with their columns. */
export interface TrackingDatabase {
  readonly schema_migrations: SchemaMigrationsTable
  readonly migration_history: MigrationHistoryTable
  readonly database_schema: DatabaseSchemaTable
}

/** A tracking table's name. */
export type TrackingTable = keyof TrackingDatabase

/** What an attempt did. */
export type AttemptDirection = 'up' | 'down' | 'mark' | 'baseline' | 'repair'

/** The sections of a file. */
export type StoredSections = Pick<SchemaMigrationsTable, 'up_sql' | 'down_sql' | 'verify_sql'>

/** `schema_migrations.header`: the header as parsed, and what the store keeps beside it. */
export type StoredHeader = Partial<MigrationHeader> & {
  /** Of a file with variables: its sections as they are written, by which changes are judged. */
  readonly template?: StoredSections
  /** What a check showed of its `@down` before it was applied. */
  readonly reversible?: DownVerdict
  /** The squash that replaces this row. */
  readonly replaced_by?: string
  /** Of an `on_change` migration: checksums that were completed, without the row's own while it is. */
  readonly earlier_checksums?: readonly string[]
  /** Of an `on_change` migration: when it ran last, re-runs included, in seconds since 1970. */
  readonly last_applied_at?: number
  /**
   * Of an `on_change` migration: the newest attempt before it ran last, by which the order of re-runs is
   * known.
   */
  readonly last_applied_after?: number
  /** What is applied, while the row holds an attempt to run the migration again. */
  readonly in_force?: StoredVersion
  /** Of a non-transactional attempt: the statement that was started last. */
  readonly progress?: StatementProgress
}

/** The columns that a migration's file decides, as they were when it was completed. */
export type StoredVersion = Pick<
  SchemaMigrationsTable,
  'description' | 'migration_type' | 'up_sql' | 'down_sql' | 'verify_sql' | 'checksum'
> & { readonly depends_on: readonly string[]; readonly header: StoredHeader }

/** What was written before a statement that cannot run in a transaction. */
export interface StatementProgress {
  /** 0-based index of the statement that was started. */
  readonly started: number
  /** Invalid indexes of its table before it began, as `schema.name`. */
  readonly invalidIndexes: readonly string[]
  /** The index that it names, as `schema.name`; absent when it names none or its table does not exist. */
  readonly index?: string
  /** The oid of that index before it began; absent when there was none. */
  readonly oid?: string
  /** What it rebuilds, whose `…_ccnew` and `…_ccold` it may leave. */
  readonly reindexing?: ConcurrentReindex
  /** The partition that it detaches and the table it was attached to before it began, as oids. */
  readonly detaching?: { readonly partition: string; readonly table: string }
  /** SHA-256 of the statement, by which a fixed one is distinguished from the one that was started. */
  readonly statement?: string
}
