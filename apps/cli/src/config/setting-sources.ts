import type { SettingKey } from './config-schema.ts'

/** How a setting is written outside of a configuration file. */
export interface SettingSource {
  readonly key: SettingKey
  readonly variable: string
  readonly flag?: string
  readonly kind: 'text' | 'duration' | 'number' | 'list' | 'boolean' | 'path' | 'database'
  readonly summary: string
}

/**
 * Every setting with its variable and flag: the one list behind flags, variables, `help config` and
 * `docs/configuration.md`.
 */
export const SETTING_SOURCES: readonly SettingSource[] = [
  {
    key: 'database',
    variable: 'TIDEMARK_DATABASE_URL',
    flag: 'database-url',
    kind: 'database',
    summary: 'The database: `postgres://…`, `pglite:PATH` or `pglite:memory`',
  },
  {
    key: 'directUrl',
    variable: 'TIDEMARK_DIRECT_URL',
    kind: 'database',
    summary: 'Used for migrating where `database` goes through a pooler',
  },
  {
    key: 'migrations',
    variable: 'TIDEMARK_MIGRATIONS',
    flag: 'dir',
    kind: 'path',
    summary: 'The folder with the migrations',
  },
  {
    key: 'schema',
    variable: 'TIDEMARK_SCHEMA',
    flag: 'schema',
    kind: 'text',
    summary: 'The schema of the tracking tables',
  },
  {
    key: 'searchPath',
    variable: 'TIDEMARK_SEARCH_PATH',
    flag: 'search-path',
    kind: 'text',
    summary: 'The schemas in which names without a schema are found; the first one gets what files create',
  },
  {
    key: 'createSchema',
    variable: 'TIDEMARK_CREATE_SCHEMA',
    flag: 'create-schema',
    kind: 'boolean',
    summary: 'Creates the first schema of `searchPath` and that of the tracking tables if they are missing',
  },
  {
    key: 'lockTimeout',
    variable: 'TIDEMARK_LOCK_TIMEOUT',
    flag: 'lock-timeout',
    kind: 'duration',
    summary: 'How long a statement may wait for a table lock',
  },
  {
    key: 'lockRetries',
    variable: 'TIDEMARK_LOCK_RETRIES',
    flag: 'lock-retries',
    kind: 'number',
    summary: 'How often a migration is tried again after a lock timeout or a deadlock',
  },
  {
    key: 'lockWait',
    variable: 'TIDEMARK_LOCK_WAIT',
    flag: 'lock-wait',
    kind: 'duration',
    summary: 'How long to wait for another runner',
  },
  {
    key: 'statementTimeout',
    variable: 'TIDEMARK_STATEMENT_TIMEOUT',
    flag: 'statement-timeout',
    kind: 'duration',
    summary: 'How long a statement may run; 0 is no limit',
  },
  {
    key: 'batchTime',
    variable: 'TIDEMARK_BATCH_TIME',
    flag: 'batch-time',
    kind: 'duration',
    summary: 'How long a batch should take',
  },
  {
    key: 'maxLag',
    variable: 'TIDEMARK_MAX_LAG',
    flag: 'max-lag',
    kind: 'duration',
    summary: 'How far a standby may be behind between batches; 0 is no limit',
  },
  {
    key: 'connectTimeout',
    variable: 'TIDEMARK_CONNECT_TIMEOUT',
    flag: 'connect-timeout',
    kind: 'duration',
    summary: 'How long connecting may take',
  },
  {
    key: 'readers',
    variable: 'TIDEMARK_READERS',
    kind: 'list',
    summary: 'Roles that may read the tracking tables',
  },
  {
    key: 'rowSecurity',
    variable: 'TIDEMARK_ROW_SECURITY',
    kind: 'text',
    summary: 'Row level security on the tracking tables: `auto`, `always` or `never`',
  },
  {
    key: 'trackDrift',
    variable: 'TIDEMARK_TRACK_DRIFT',
    kind: 'boolean',
    summary: 'Runs record the fingerprint of the schema, so that `status --drift` tells what changed since',
  },
  {
    key: 'protected',
    variable: 'TIDEMARK_PROTECTED',
    kind: 'boolean',
    summary: 'Asks before destructive steps and refuses `reset`',
  },
  {
    key: 'commits',
    variable: 'TIDEMARK_COMMITS',
    kind: 'text',
    summary: '`each`, or `grouped`: fewer waits for the disk',
  },
  {
    key: 'backup',
    variable: 'TIDEMARK_BACKUP',
    kind: 'text',
    summary: '`never`, or `destructive`: what destructive steps take away is saved before',
  },
  {
    key: 'exposedSchemas',
    variable: 'TIDEMARK_EXPOSED_SCHEMAS',
    kind: 'list',
    summary: 'Schemas that an API serves: `plan` lists tables there without row level security',
  },
  {
    key: 'snapshot',
    variable: 'TIDEMARK_SNAPSHOT',
    kind: 'path',
    summary: 'The file of `tidemark snapshot`; `up` refreshes it in development',
  },
  {
    key: 'shadow',
    variable: 'TIDEMARK_SHADOW',
    flag: 'shadow',
    kind: 'text',
    summary: 'Where the shadow runs: `pglite`, or `postgres://…` of a role with CREATEDB',
  },
  {
    key: 'shadowDisposable',
    variable: 'TIDEMARK_SHADOW_DISPOSABLE',
    kind: 'boolean',
    summary: 'The server of `shadow` is there for shadows alone',
  },
  {
    key: 'hookTimeout',
    variable: 'TIDEMARK_HOOK_TIMEOUT',
    kind: 'duration',
    summary: 'How long a hook may take; 0 is no limit',
  },
  {
    key: 'logFile',
    variable: 'TIDEMARK_LOG_FILE',
    flag: 'log-file',
    kind: 'path',
    summary: 'A file to which structured logs are appended',
  },
  {
    key: 'logLevel',
    variable: 'TIDEMARK_LOG_LEVEL',
    flag: 'log-level',
    kind: 'text',
    summary: '`debug`, `info`, `warn`, `error` or `silent`; a level named writes logs to stderr',
  },
]
