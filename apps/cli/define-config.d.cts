/** A number with a unit, such as `500ms`, `5s` or `10min`, or `0`, which means no limit. */
export type Duration = string | 0

/** One database, or one schema of a database, of a fleet. See docs/fleet.md. */
export interface FleetTarget {
  /** No two targets have the same. */
  readonly name: string
  /** A `postgres://` URL. */
  readonly database: string
  readonly schema?: string | undefined
  readonly searchPath?: string | readonly string[] | undefined
  readonly ring?: string | undefined
  readonly tags?: readonly string[] | undefined
  /** Settings of this target alone, such as `lockTimeout`. */
  readonly [setting: string]: unknown
}

/** What `tidemark fleet` migrates, and how. See docs/fleet.md. */
export interface TidemarkFleet {
  targets:
    | FleetTarget[]
    | (() => readonly FleetTarget[] | Promise<readonly FleetTarget[]>)
    | { readonly query: string; readonly database: string }
    | { readonly file: string }
  /** Hosts that a query or a file may lead to, such as `*.db.internal`. */
  hosts?: string[] | undefined
  /** `ring:NAME` and percentages. Default `['100%']`. */
  waves?: string[] | undefined
  /** Default 16. */
  concurrency?: number | undefined
  /** Default 4. */
  perServer?: number | undefined
  /** A number, or a percentage. Default 0. */
  maxFailures?: number | string | undefined
  /** Between two waves. Default none. */
  pause?: Duration | undefined
}

/** One step of a plan. */
export interface HookStep {
  readonly id: string
  /** Such as `apply`. */
  readonly action: string
}

/** What every hook is given. Holds no credentials. */
export interface HookRun {
  readonly runId: string
  readonly target: {
    readonly host: string
    readonly port: number | null
    readonly database: string
    readonly user: string
    readonly schema: string
    readonly systemIdentifier: string | null
  }
}

/** What a run will do. */
export interface HookPlan {
  readonly digest: string
  readonly steps: readonly HookStep[]
  /** Pending ids that were left out on purpose. */
  readonly leftOut: readonly string[]
}

/** The signal aborts when the time of the hook is over, and by an interrupt. */
export interface HookContext {
  readonly signal: AbortSignal
}

/** Hooks by name. A list is a command. Times are milliseconds. */
export interface TidemarkHooks {
  /** Before the first step; when it fails, nothing is applied. */
  beforeUp?:
    | readonly string[]
    | ((
        run: HookRun & { readonly hook: 'beforeUp'; readonly plan: HookPlan },
        context: HookContext,
      ) => unknown)
    | undefined
  /** After the commit of each step. */
  afterEach?:
    | readonly string[]
    | ((
        run: HookRun & { readonly hook: 'afterEach'; readonly step: HookStep; readonly durationMs: number },
        context: HookContext,
      ) => unknown)
    | undefined
  /** After all steps. */
  afterUp?:
    | readonly string[]
    | ((
        run: HookRun & {
          readonly hook: 'afterUp'
          readonly plan: HookPlan
          readonly done: readonly string[]
          readonly durationMs: number
        },
        context: HookContext,
      ) => unknown)
    | undefined
  /** When the run ends early, but for an interrupt. */
  onError?:
    | readonly string[]
    | ((
        run: HookRun & {
          readonly hook: 'onError'
          readonly plan: HookPlan
          readonly done: readonly string[]
          readonly error: {
            readonly code: string
            readonly message: string
            readonly help: string | null
            readonly failed: readonly string[]
            readonly notRun: readonly string[]
          }
        },
        context: HookContext,
      ) => unknown)
    | undefined
}

/** What a configuration and each of its environments may set. Everything may be left out. */
export interface TidemarkSettings {
  /**
   * `postgres://…`, `pglite:PATH` or `pglite:memory`. A variable that is not set stops the commands that need
   * a database.
   */
  database?: string | undefined
  /** Used for migrating where `database` goes through a pooler. */
  directUrl?: string | undefined
  /** The folder with the migrations. Default `migrations`. */
  migrations?: string | undefined
  /** The schema of the tracking tables. Default `public`. */
  schema?: string | undefined
  /**
   * The schemas in which names without a schema are found; what files create lands in the first one. A list, or
   * a text such as `tenant_a,public`. Wins over what the URL says. Default: that of the URL or the role.
   */
  searchPath?: string | string[] | undefined
  /**
   * Creates the first schema of `searchPath` and that of the tracking tables if they are missing. Default `false`.
   */
  createSchema?: boolean | undefined
  /** How long a statement may wait for a table lock. Default `5s`. */
  lockTimeout?: Duration | undefined
  /** How often a migration is tried again after that. Default 10. */
  lockRetries?: number | undefined
  /** How long to wait for another runner. Default `10min`. */
  lockWait?: Duration | undefined
  /** How long a statement may run. Default `0`: no limit. */
  statementTimeout?: Duration | undefined
  /** How long a batch of a migration with `Batches` should take. Default `500ms`. */
  batchTime?: Duration | undefined
  /** Batches wait while a standby is further behind; `0` is no limit. Default `10s`. */
  maxLag?: Duration | undefined
  /** How long connecting may take. Default `10s`. */
  connectTimeout?: Duration | undefined
  /** Roles that may read the tracking tables. Default none. */
  readers?: string[] | undefined
  /**
   * Row level security on the tracking tables: `auto` turns it on where the roles of API keys exist. Default
   * `auto`.
   */
  rowSecurity?: 'auto' | 'always' | 'never' | undefined
  /** Asks before destructive steps, and refuses `reset`. Default `false`. */
  protected?: boolean | undefined
  /** `reset --drop NAME` may drop the database. An environment says so itself. Default `false`. */
  development?: boolean | undefined
  /** `grouped` waits less for the disk. Default `each`. */
  commits?: 'each' | 'grouped' | undefined
  /** What destructive steps take away is saved before. Default `never`. */
  backup?: 'never' | 'destructive' | undefined
  /**
   * Schemas that an API serves: `plan` lists tables there without row level security. Default: the schemas
   * on which `anon` or `authenticated` was granted USAGE. `[]` turns the remark off.
   */
  exposedSchemas?: string[] | undefined
  /** Values of the variables that files declare, by name. */
  variables?: Readonly<Record<string, string | undefined>> | undefined
  /** Runs record the fingerprint of the schema, for `status --drift` and `doctor`. Default `false`. */
  trackDrift?: boolean | undefined
  /** What is looked at for drift. Default: what migrations made, without what a service manages. */
  drift?:
    | {
        /** Only these schemas. */
        includeSchemas?: string[] | undefined
        /** Not these schemas; `*` stands for any text. */
        excludeSchemas?: string[] | undefined
        /** Not these objects, such as partitions: `public.events_*`. */
        excludeObjects?: string[] | undefined
        /** Owners and grantors differ between servers. Default `ignored`. */
        owners?: 'ignored' | 'compared' | undefined
      }
    | undefined
  /** Weights of the rules of `tidemark check`, by name: `error`, `warning`, `note`, or `off`. */
  lint?:
    | { rules?: Readonly<Record<string, 'error' | 'warning' | 'note' | 'off' | undefined>> | undefined }
    | undefined
  /** Options of the embedded database. */
  embedded?: { profile?: 'plain' | 'supabase' | undefined } | undefined
  /** The file of `tidemark snapshot`, which `up` refreshes in development. Default none. */
  snapshot?: string | undefined
  /** Where the shadow runs: `pglite`, or the URL of a server, as a role with CREATEDB. Default `pglite`. */
  shadow?: string | undefined
  /** The server of `shadow` is there for shadows alone: a superuser is taken. Default `false`. */
  shadowDisposable?: boolean | undefined
  /**
   * What is done before and after `up`, under the run lock: functions, or commands as lists (a program and its
   * arguments, without a shell). See docs/hooks.md.
   */
  hooks?: TidemarkHooks | undefined
  /** How long one hook may take. Default `60s`. */
  hookTimeout?: Duration | undefined
  /** The databases and schemas that `tidemark fleet` migrates. See docs/fleet.md. */
  fleet?: TidemarkFleet | undefined
  /** A file to which structured logs are appended. Default none. */
  logFile?: string | undefined
  /** Setting a level writes logs to stderr. */
  logLevel?: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined
  /** A file of variables; `false` for none. Default `.env` beside the configuration, if it exists. */
  envFile?: string | false | undefined
}

/** A configuration. See docs/configuration.md. */
export interface TidemarkConfig extends TidemarkSettings {
  /** Settings by name of an environment (`--env`), which override the others. */
  environments?: Record<string, TidemarkSettings> | undefined
}

/** A configuration, or a function that returns one. */
export type TidemarkConfigExport = TidemarkConfig | (() => TidemarkConfig | Promise<TidemarkConfig>)

/**
 * Gives a configuration back as it is: it is here for its types.
 *
 * @example export default defineConfig({ database: process.env.DATABASE_URL, schema: 'app' })
 */
export function defineConfig(config: TidemarkConfigExport): TidemarkConfigExport
