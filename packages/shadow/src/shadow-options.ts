import type { Migration, VariableValues } from '@tidemark/core'
import type { EmbeddedProfile } from '@tidemark/embedded'

/** Options of `openShadow`. */
export interface ShadowOptions {
  /** What it has from the start, of which the cache may hold most. Default: nothing. */
  readonly migrations?: readonly Migration[] | undefined
  /**
   * Values of the variables that files declare. A secret and what has no value have their names as values.
   */
  readonly variables?: VariableValues | undefined
  /** Ends what runs on the shadow, also while it is opened. */
  readonly signal?: AbortSignal | undefined
  /** The schema of the tracking tables, as for a run. Default `public`. */
  readonly schema?: string | undefined
  /** Where names without a schema are found, as for a run; these schemas are there from the start. */
  readonly searchPath?: readonly string[] | undefined
  /** What an empty database has. Default `plain`. */
  readonly profile?: EmbeddedProfile | undefined
  /** Which PostgreSQL it runs on. Default: PGlite, in this process. */
  readonly server?: ShadowServerOptions | undefined
  /** The database that the migrations are for, as far as it is known. */
  readonly target?: ShadowTarget | undefined
  /** The folder of the project, in whose packages extensions are looked for. Default: the working directory. */
  readonly projectFolder?: string | undefined
  /** Where databases are kept for the next time, such as `.tidemark/shadow`. Default: nowhere. */
  readonly cache?: ShadowCacheOptions | undefined
}

/** A server on which shadows are databases of their own. */
export interface ShadowServerOptions {
  /** `postgres://…`, of a role with CREATEDB and nothing more. */
  readonly url: string
  /**
   * The server is there for shadows alone: a superuser is taken, and what reaches beyond one database may
   * run. Default false.
   */
  readonly disposable?: boolean | undefined
}

/** What is known of the database that migrations are for. */
export interface ShadowTarget {
  /** A server is not used for shadows of its own databases. */
  readonly systemIdentifier?: string | null | undefined
  /** A shadow of an older major version is refused. */
  readonly serverVersion?: string | undefined
}

/** Where and how much is kept. */
export interface ShadowCacheOptions {
  readonly folder: string
  /** What was used longest ago goes first. Default 512 MiB. */
  readonly maxBytes?: number | undefined
}
