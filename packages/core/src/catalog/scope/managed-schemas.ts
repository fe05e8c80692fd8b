/** A service that runs PostgreSQL and keeps objects of its own in the databases of its customers. */
export type ManagedService = 'supabase' | 'rds' | 'neon' | 'cloud-sql'

/**
 * The schemas that a service manages: what is in them changes with its releases, and no migration of the
 * customer's makes it.
 */
export const MANAGED_SCHEMAS: Readonly<Record<ManagedService, readonly string[]>> = {
  supabase: [
    'auth',
    'extensions',
    'graphql',
    'graphql_public',
    'net',
    'pgbouncer',
    'pgmq',
    'pgsodium',
    'pgsodium_masks',
    'realtime',
    '_realtime',
    'storage',
    'supabase_functions',
    'supabase_migrations',
    'vault',
    '_analytics',
    'cron',
  ],
  rds: [
    'aws_commons',
    'aws_s3',
    'aws_lambda',
    'aws_ml',
    'aws_oracle_ext',
    'rdsadmin',
    'rds_tools',
    'apg_plan_mgmt',
  ],
  neon: ['neon', 'neon_auth', 'neon_migration', 'neon_perf_counters'],
  'cloud-sql': ['google_ml', 'google_vacuum_mgmt', 'google_db_advisor', 'cloudsql', 'ai'],
}
