import type { FormatName } from '../formats.ts'

/** The table in which another tool keeps what it applied. */
export interface HistoryTable {
  readonly name: string
  /** The schema it is in unless somebody says otherwise. */
  readonly schema: string
  /** The columns that are read; a table without them is another one. */
  readonly columns: readonly string[]
}

/** Where each tool keeps its history; plain files have none. */
export const HISTORY_TABLES: Readonly<Record<FormatName, HistoryTable | undefined>> = {
  supabase: { schema: 'supabase_migrations', name: 'schema_migrations', columns: ['version'] },
  prisma: {
    schema: 'public',
    name: '_prisma_migrations',
    columns: ['migration_name', 'finished_at', 'rolled_back_at', 'checksum'],
  },
  drizzle: { schema: 'drizzle', name: '__drizzle_migrations', columns: ['id', 'created_at', 'hash'] },
  dbmate: { schema: 'public', name: 'schema_migrations', columns: ['version'] },
  goose: { schema: 'public', name: 'goose_db_version', columns: ['id', 'version_id', 'is_applied'] },
  'golang-migrate': { schema: 'public', name: 'schema_migrations', columns: ['version', 'dirty'] },
  flyway: {
    schema: 'public',
    name: 'flyway_schema_history',
    columns: ['installed_rank', 'version', 'script', 'type', 'success', 'checksum'],
  },
  plain: undefined,
}

/** A row of such a table, every value as text. */
export type HistoryRow = Readonly<Record<string, string | null>>
