import type { MigrationRunnerOptions } from '@tidemark/pg-driver'

/** What may differ between targets that code or a configuration names; names and defaults are those of a runner. */
export interface TargetSettings
  extends Pick<
    MigrationRunnerOptions,
    | 'schema'
    | 'searchPath'
    | 'createSchema'
    | 'directUrl'
    | 'connectTimeout'
    | 'ssl'
    | 'environment'
    | 'variables'
    | 'readers'
    | 'rowSecurity'
    | 'lockTimeout'
    | 'lockRetries'
    | 'lockWait'
    | 'statementTimeout'
    | 'batchTime'
    | 'maxLag'
    | 'commits'
    | 'trackDrift'
  > {}

/** One database, or one schema of a database, that the folder is for. */
export interface FleetTarget extends TargetSettings {
  /**
   * The schema of its tracking tables. Where no `searchPath` is given for the target itself, SQL without a
   * schema lands here, too: the search path is this schema, then `public`.
   */
  readonly schema?: string | undefined
  /** What it is called everywhere. No two targets have the same. */
  readonly name: string
  /** A `postgres://` URL. */
  readonly database: string
  /** What waves choose by: `ring:canary`. */
  readonly ring?: string | undefined
  readonly tags?: readonly string[] | undefined
}

/** The keys that a target from a query or a file may have. */
export const OUTSIDE_KEYS = ['name', 'database', 'schema', 'searchPath', 'ring', 'tags'] as const

/** All keys of a target. */
export const TARGET_KEYS = [
  ...OUTSIDE_KEYS,
  'createSchema',
  'directUrl',
  'connectTimeout',
  'ssl',
  'environment',
  'variables',
  'readers',
  'rowSecurity',
  'lockTimeout',
  'lockRetries',
  'lockWait',
  'statementTimeout',
  'batchTime',
  'maxLag',
  'commits',
  'trackDrift',
] as const satisfies readonly (keyof FleetTarget)[]
