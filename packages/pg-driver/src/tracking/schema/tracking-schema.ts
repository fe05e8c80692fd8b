import { MIGRATION_STATUSES, MIGRATION_TYPES } from '@tidemark/core'
import type { TrackingDatabase, TrackingTable } from '../../statement/tracking-tables.ts'

/** The layout that this version writes; a table that says a higher one was written by a newer Tidemark. */
export const LAYOUT = 2

/** Reads the layout from the comment of `schema_migrations`; undefined where it says none. */
export function layoutOf(comment: string | null): number | undefined {
  const layout = /^Tidemark: .* Layout (\d+)\.$/.exec(comment ?? '')?.[1]
  return layout === undefined ? undefined : Number(layout)
}

/**
 * How one column is made: its type as SQL (enums are in the tracking schema), constraints, and its COMMENT.
 */
export interface ColumnDefinition {
  readonly type: string | { readonly enum: 'migration_type' | 'migration_status' }
  readonly constraint?: 'primary key' | 'not null'
  /** SQL of the default. */
  readonly default?: string
  /** The database numbers the rows; what is in the table already is numbered by the upgrade. */
  readonly identity?: true
  /** `table.column` of the foreign key. */
  readonly references?: 'schema_migrations.id'
  readonly comment: string
}

/** The labels of the two enums, in order. */
export const ENUMS = { migration_type: MIGRATION_TYPES, migration_status: MIGRATION_STATUSES } as const

type ColumnDefinitions<Table> = { readonly [Column in keyof Table]: ColumnDefinition }

/** Every column of every table, in order. */
export const COLUMNS: { readonly [Table in TrackingTable]: ColumnDefinitions<TrackingDatabase[Table]> } = {
  schema_migrations: {
    id: {
      type: 'varchar(255)',
      constraint: 'primary key',
      comment: "The migration's id: its file name without .sql.",
    },
    name: { type: 'varchar(255)', constraint: 'not null', comment: 'The id in words.' },
    description: { type: 'text', comment: 'What the file says it does.' },
    migration_type: {
      type: { enum: 'migration_type' },
      constraint: 'not null',
      comment: 'The kind of change the file says it makes.',
    },
    up_sql: {
      type: 'text',
      constraint: 'not null',
      comment: 'Exactly what ran; of COPY data its size and hash.',
    },
    down_sql: { type: 'text', comment: 'What rolling back runs; null: irreversible.' },
    depends_on: {
      type: 'text[]',
      constraint: 'not null',
      default: "'{}'",
      comment: 'Ids of the migrations it needs.',
    },
    status: {
      type: { enum: 'migration_status' },
      constraint: 'not null',
      default: "'pending'",
      comment: 'completed: applied. failed and pending: the next run applies it. May be set by hand.',
    },
    applied_at: { type: 'timestamptz', comment: 'When it was applied.' },
    execution_time_ms: { type: 'integer', comment: 'How long the last completed attempt took.' },
    checksum: {
      type: 'varchar(64)',
      constraint: 'not null',
      comment: 'SHA-256 of the file with LF line ends and no BOM.',
    },
    error_message: { type: 'text', comment: 'Why the last attempt failed.' },
    verify_sql: { type: 'text', comment: 'What must hold after it was applied.' },
    header: {
      type: 'jsonb',
      constraint: 'not null',
      default: "'{}'",
      comment: "All keys of the file's header as parsed.",
    },
    direction: { type: 'text', comment: 'up or down: of a running or failed attempt.' },
    statements_done: {
      type: 'integer',
      comment: 'Statements that are done of an attempt without a transaction.',
    },
    progress: { type: 'jsonb', comment: 'How far a migration in batches is, until it is done.' },
    run_id: { type: 'uuid', comment: 'The run that wrote this row last.' },
    applied_by: { type: 'text', comment: 'Who ran it.' },
    tool_version: { type: 'text', comment: 'The version of Tidemark that ran it.' },
    created_at: {
      type: 'timestamptz',
      constraint: 'not null',
      default: 'now()',
      comment: 'When a run first saw the file.',
    },
    updated_at: {
      type: 'timestamptz',
      constraint: 'not null',
      default: 'now()',
      comment: 'When Tidemark last wrote this row.',
    },
  },
  migration_history: {
    id: {
      type: 'uuid',
      constraint: 'primary key',
      default: 'gen_random_uuid()',
      comment: 'Identifies the attempt.',
    },
    migration_id: {
      type: 'varchar(255)',
      references: 'schema_migrations.id',
      comment: 'The migration that was attempted.',
    },
    executed_at: {
      type: 'timestamptz',
      constraint: 'not null',
      default: 'now()',
      comment: 'When the attempt ended.',
    },
    status: {
      type: { enum: 'migration_status' },
      constraint: 'not null',
      comment: 'What the attempt came to.',
    },
    execution_time_ms: { type: 'integer', comment: 'How long it took.' },
    error_message: { type: 'text', comment: 'Why it failed.' },
    direction: {
      type: 'text',
      constraint: 'not null',
      default: "'up'",
      comment: 'up, down, mark, baseline or repair.',
    },
    run_id: { type: 'uuid', comment: 'The run it belongs to.' },
    executed_by: { type: 'text', comment: 'Who ran it; (by hand) when a row was edited.' },
    checksum: { type: 'varchar(64)', comment: 'SHA-256 of the file at that time.' },
    details: { type: 'jsonb', comment: 'What else is known of the attempt.' },
    sequence: {
      type: 'bigint',
      constraint: 'not null',
      identity: true,
      comment: 'The order of the attempts: clocks are shown, this decides.',
    },
  },
  database_schema: {
    id: {
      type: 'uuid',
      constraint: 'primary key',
      default: 'gen_random_uuid()',
      comment: 'Identifies the row.',
    },
    version: {
      type: 'varchar(50)',
      constraint: 'not null',
      comment: 'The first 16 hex digits of SHA-256 over the sorted lines id:checksum of what is applied.',
    },
    last_migration: { type: 'varchar(255)', comment: 'The migration that was applied last.' },
    applied_migrations: {
      type: 'text[]',
      constraint: 'not null',
      default: "'{}'",
      comment: 'Ids of all that is applied, in order.',
    },
    updated_at: {
      type: 'timestamptz',
      constraint: 'not null',
      default: 'now()',
      comment: 'When the last run changed something.',
    },
    sequence: { type: 'bigint', comment: 'The newest attempt that this row counts.' },
    idle: { type: 'jsonb', comment: 'The first run of up after it that applied nothing.' },
    catalog: { type: 'jsonb', comment: 'The fingerprint of the schema after the last run, with trackDrift.' },
  },
}

/** The columns without which a table of that name is not ours; the others are added to an older one. */
export const ESSENTIAL_COLUMNS: {
  readonly [Table in TrackingTable]: readonly (keyof TrackingDatabase[Table] & string)[]
} = {
  schema_migrations: [
    'id',
    'name',
    'migration_type',
    'up_sql',
    'down_sql',
    'depends_on',
    'status',
    'applied_at',
    'execution_time_ms',
    'checksum',
  ],
  migration_history: ['migration_id', 'executed_at', 'status'],
  database_schema: ['version', 'last_migration', 'applied_migrations'],
}

/** COMMENT ON TABLE; the first one also says the layout. */
export const TABLE_COMMENTS: { readonly [Table in TrackingTable]: string } = {
  schema_migrations: `Tidemark: one row per known migration. Layout ${LAYOUT}.`,
  migration_history: 'Tidemark: one row per attempt; append-only.',
  database_schema: 'Tidemark: what is applied, in one row, for people; nothing decides by it.',
}

/** The tables in the order in which they are made. */
export const TRACKING_TABLES = ['schema_migrations', 'migration_history', 'database_schema'] as const

/** The sequence behind `migration_history.sequence`: closed like the tables. */
export const HISTORY_SEQUENCE = 'migration_history_sequence_seq'
/** The index that finds the attempts of a migration. */
export const HISTORY_INDEX = 'migration_history_migration_id_executed_at_idx'
/** The index that holds `database_schema` at one row. */
export const SUMMARY_INDEX = 'database_schema_one_row_idx'
/** The policy without which a reader would see no rows and no error. */
export const READ_POLICY = 'tidemark_read'
