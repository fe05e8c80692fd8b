import type { CatalogScope } from '@tidemark/core'

/**
 * Whether the tracking tables have row level security. `auto`: where the roles of API keys exist (`anon`,
 * `authenticated`, `service_role`), and nowhere else, since `pg_dump` by a role without BYPASSRLS fails on it.
 */
export type RowSecurity = 'auto' | 'always' | 'never'

/** What shapes a run on any engine; times in milliseconds. */
export interface EngineSettings {
  /** The schema of the tracking tables. */
  readonly schema: string
  /** Where names without a schema are found, and what they create lands; null leaves it to the URL or the role. */
  readonly searchPath: readonly string[] | null
  /** A run creates the schema of the tracking tables and the first one of the search path where they are missing. */
  readonly createSchema: boolean
  /** Roles that may read the tracking tables, such as a gate's. */
  readonly readers: readonly string[]
  readonly rowSecurity: RowSecurity
  /** How long one wait for a table lock may last; 0 is no limit. */
  readonly lockTimeoutMs: number
  /** How often a migration is tried again after 55P03, 40P01 or 40001. */
  readonly lockRetries: number
  /** 0 is no limit. */
  readonly statementTimeoutMs: number
  /** `grouped`: only the last commit of a window waits for the disk. */
  readonly commits: 'each' | 'grouped'
  /** How long a batch of a migration with `Batches` is meant to take. */
  readonly batchTimeMs: number
  /** Between batches it waits while a standby is further behind than this; 0 is no limit. */
  readonly maxLagMs: number
  /** What a run records the fingerprint of when it ends; null: nothing is recorded. */
  readonly trackedScope: CatalogScope | null
}

/** The defaults of library and command line alike. */
export const DEFAULT_SETTINGS: EngineSettings = {
  schema: 'public',
  searchPath: null,
  createSchema: false,
  readers: [],
  rowSecurity: 'auto',
  lockTimeoutMs: 5000,
  lockRetries: 10,
  statementTimeoutMs: 0,
  commits: 'each',
  batchTimeMs: 500,
  maxLagMs: 10_000,
  trackedScope: null,
}
