import {
  type CatalogScope,
  type GivenSearchPath,
  type Hooks,
  type MigrationDatabase,
  type MigrationReader,
  parseDuration,
  parseSearchPath,
  type RunHooks,
  type StepBackup,
  TidemarkError,
  trackingSchemaOf,
  type VariableValues,
} from '@tidemark/core'
import type { DriverClient, DriverPool } from './driver.ts'
import { DEFAULT_SETTINGS, type EngineSettings, type RowSecurity } from './engine-settings.ts'
import type { TlsOptions } from './tls-options.ts'

/** A time: milliseconds, or a text such as `500ms`, `5s`, `2min`, `0`. */
export type Duration = number | string

/** Options that every engine takes. Names and defaults are those of the configuration file. */
export interface MigrationOptions {
  /** A folder, or where else migrations come from. */
  readonly migrations: string | MigrationReader
  /** The environment whose files with `Environments` are applied. Default none: they are passed over. */
  readonly environment?: string | undefined
  /** Values of the variables that files declare with `Variables`, by name. Default none. */
  readonly variables?: VariableValues | undefined
  /** The schema of the tracking tables. Default the first of `searchPath`, else `public`. */
  readonly schema?: string | undefined
  /**
   * The schemas in which names without a schema are found; what files create lands in the first one. A list, or
   * a text such as `tenant_a,public`. Wins over what the URL says. Default: that of the URL or the role.
   */
  readonly searchPath?: GivenSearchPath | undefined
  /**
   * Whether a run creates the schema of the tracking tables and the first one of `searchPath` where they are
   * missing. Default false: with a `searchPath`, a missing one is an error.
   */
  readonly createSchema?: boolean | undefined
  /** Roles that may read the tracking tables. Default none. */
  readonly readers?: readonly string[] | undefined
  /**
   * Row level security on the tracking tables: `auto` turns it on where the roles of API keys exist, and off
   * elsewhere. Default `auto`.
   */
  readonly rowSecurity?: RowSecurity | undefined
  /** The longest single wait for a table lock; 0 is no limit. Default `5s`. */
  readonly lockTimeout?: Duration | undefined
  /**
   * How often a migration is tried again after a lock timeout, deadlock or serialization failure. Default 10.
   */
  readonly lockRetries?: number | undefined
  /** How long to wait for another run. Default `10min`. */
  readonly lockWait?: Duration | undefined
  /** The longest time of one statement; 0 is no limit. Default `0`. */
  readonly statementTimeout?: Duration | undefined
  /** How long a batch of a migration with `Batches` is meant to take. Default `500ms`. */
  readonly batchTime?: Duration | undefined
  /** Batches wait while a streaming standby is further behind than this; 0 is no limit. Default `10s`. */
  readonly maxLag?: Duration | undefined
  /**
   * `grouped` lets the disk lag behind within a window of migrations; what a crash loses is a suffix. Default
   * `each`.
   */
  readonly commits?: 'each' | 'grouped' | undefined
  /**
   * Records the fingerprint of the schema when a run has changed something: `compareMarks` tells later whether
   * anything has changed since. Or which part of the schema. Default false.
   */
  readonly trackDrift?: boolean | CatalogScope | undefined
  /**
   * What is done before and after `runMigrations`: functions, or commands as lists. Or what does it in another
   * way.
   */
  readonly hooks?: Hooks | RunHooks | undefined
  /** How long one hook may take; 0 is no limit. Default `60s`. */
  readonly hookTimeout?: Duration | undefined
  /** Who runs, for the records. Default user and host. */
  readonly executedBy?: string | undefined
  /** Written into the records. Default this package's version. */
  readonly toolVersion?: string | undefined
}

/** What `createMigrationRunner` takes. */
export interface MigrationRunnerOptions extends MigrationOptions {
  /**
   * A `postgres://` URL; the application's own `Pool` or `Client` of `pg`, whose settings the run connects
   * with; or a database that an engine made, such as an embedded one.
   */
  readonly database: string | DriverPool | DriverClient | MigrationDatabase
  /**
   * Wins over `database` for migrating: the server itself, where `database` leads to a transaction pooler.
   */
  readonly directUrl?: string | undefined
  /** Limit for connecting and signing in. Default `10s`. */
  readonly connectTimeout?: Duration | undefined
  /** TLS; what it names wins over `sslmode` and its like in the URL. */
  readonly ssl?: TlsOptions | undefined
  /**
   * `destructive` saves what destructive steps take away before each; `never` (the default) only where a run
   * asks for it. Or what saves in another way.
   */
  readonly backup?: 'never' | 'destructive' | StepBackup | undefined
  /** Where backups lie. Default `.tidemark/backups`. */
  readonly backups?: string | undefined
  /** The id of its runs in the records, a UUID, where several databases share one. Default a new one for each run. */
  readonly runId?: string | undefined
}

/**
 * Reads the settings that every engine shares, with their defaults.
 *
 * @throws TidemarkError TM7003 for a search path, TM7051 for a duration.
 */
export function engineSettings(options: Omit<MigrationOptions, 'migrations'>): EngineSettings {
  const { schema, readers, rowSecurity, lockTimeout, lockRetries, statementTimeout, commits } = options
  const { trackDrift = false } = options
  const searchPath = options.searchPath === undefined ? null : readSearchPath(options.searchPath)
  return {
    schema: schema ?? trackingSchemaOf(searchPath),
    searchPath,
    createSchema: options.createSchema ?? DEFAULT_SETTINGS.createSchema,
    readers: readers ?? DEFAULT_SETTINGS.readers,
    rowSecurity: rowSecurity ?? DEFAULT_SETTINGS.rowSecurity,
    lockTimeoutMs: durationMs('lockTimeout', lockTimeout, DEFAULT_SETTINGS.lockTimeoutMs),
    lockRetries: lockRetries ?? DEFAULT_SETTINGS.lockRetries,
    statementTimeoutMs: durationMs('statementTimeout', statementTimeout, DEFAULT_SETTINGS.statementTimeoutMs),
    batchTimeMs: durationMs('batchTime', options.batchTime, DEFAULT_SETTINGS.batchTimeMs),
    maxLagMs: durationMs('maxLag', options.maxLag, DEFAULT_SETTINGS.maxLagMs),
    commits: commits ?? DEFAULT_SETTINGS.commits,
    trackedScope: trackDrift === false ? null : trackDrift === true ? {} : trackDrift,
  }
}

function readSearchPath(given: GivenSearchPath): readonly string[] {
  const read = parseSearchPath(given)
  if (read.ok) return read.value
  throw new TidemarkError({
    code: 'TM7003',
    message: `"searchPath" is not valid: it ${read.error}`,
    help: 'see "searchPath" in docs/runner.md',
  })
}

/**
 * Reads a time; the default where none is given.
 *
 * @throws TidemarkError TM7051.
 */
export function durationMs(name: string, value: Duration | undefined, defaultMs: number): number {
  if (value === undefined) return defaultMs
  const ms = typeof value === 'number' ? value : parseDuration(value)
  if (ms !== undefined && Number.isSafeInteger(ms) && ms >= 0 && ms < 2 ** 31) return ms
  throw new TidemarkError({
    code: 'TM7051',
    message: `${name} is not a valid duration: ${JSON.stringify(value)}`,
    help: 'write a number with a unit (500ms, 5s, 2min), 0, or milliseconds as a number',
  })
}
