import type { MigrationType } from '@tidemark/core'

/** The values of `Type:`, here as a list so that commands need not load the schemas of core for their flags. */
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
] as const satisfies readonly MigrationType[]
