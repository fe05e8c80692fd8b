/** What a migration does, for people and for checks (`Type:` in the header). */
export const MIGRATION_TYPES = [
  'create_table',
  'alter_table',
  'drop_table',
  'create_index',
  'drop_index',
  'insert_data',
  'update_data',
  'delete_data',
  'custom_sql',
] as const

/** The states of a row in `schema_migrations` and of an attempt in `migration_history`. */
export const MIGRATION_STATUSES = ['pending', 'running', 'completed', 'failed', 'rolled_back'] as const
