import type { Hooks, TidemarkError, VariableValues } from '@tidemark/core'
import type { LintRuleId, RuleSetting } from '@tidemark/lint'
import type { FleetConfig, SettingKey } from './config-schema.ts'

/** Where the value of a setting came from. */
export type Origin =
  | { readonly kind: 'flag' | 'variable' | 'file' | 'environment'; readonly name: string }
  | { readonly kind: 'default' }

/** Which part of a database has to be what the migrations make. */
export interface DriftSettings {
  readonly includeSchemas?: readonly string[] | undefined
  readonly excludeSchemas?: readonly string[] | undefined
  /** Ids such as `public.events_2026_01`, or patterns with `*`. */
  readonly excludeObjects?: readonly string[] | undefined
  readonly owners?: 'ignored' | 'compared' | undefined
}

/** Weights of rules that differ from their own. */
export interface LintSettings {
  readonly rules?: Readonly<Partial<Record<LintRuleId, RuleSetting | undefined>>> | undefined
}

/** Every setting with its value: what commands work with. Paths are absolute, times are milliseconds. */
export interface Settings {
  /**
   * The folder that relative paths of the configuration file belong to; the working directory without a file.
   */
  readonly folder: string
  readonly configPath: string | undefined
  readonly environment: string | undefined
  /** The names that the configuration knows. */
  readonly environments: readonly string[]
  /** Undefined when nothing names one. */
  readonly database: string | undefined
  readonly directUrl: string | undefined
  /**
   * A database that is present and empty where it should have come from: commands that need one refuse with
   * it.
   */
  readonly unsetDatabase?: TidemarkError
  readonly migrations: string
  readonly schema: string
  /** Undefined leaves it to the URL or the role. */
  readonly searchPath: readonly string[] | undefined
  readonly createSchema: boolean
  /** The folder is applied to the schemas of tenants, here or in another environment. */
  readonly usesSearchPaths: boolean
  readonly lockTimeoutMs: number
  readonly lockRetries: number
  readonly lockWaitMs: number
  readonly statementTimeoutMs: number
  readonly batchTimeMs: number
  readonly maxLagMs: number
  readonly connectTimeoutMs: number
  readonly readers: readonly string[]
  readonly rowSecurity: 'auto' | 'always' | 'never'
  /** Runs record the fingerprint of the schema. */
  readonly trackDrift: boolean
  /** What is looked at for drift. */
  readonly drift: DriftSettings
  /** Weights of the rules of `check`. */
  readonly lint: LintSettings
  readonly protected: boolean
  /** All data of the database may be lost. An environment says so itself: what the file says is not for it. */
  readonly development: boolean
  readonly commits: 'each' | 'grouped'
  readonly backup: 'never' | 'destructive'
  /** Schemas that an API serves; undefined: those that its roles were granted. */
  readonly exposedSchemas: readonly string[] | undefined
  readonly embeddedProfile: 'plain' | 'supabase'
  /** The file that has the schema as SQL. */
  readonly snapshot: string | undefined
  /** Where the shadow runs: `pglite`, or the URL of a server. */
  readonly shadow: string
  readonly shadowDisposable: boolean
  /** Values of the variables that files declare. */
  readonly variables: VariableValues
  /** What is done before and after `up`. */
  readonly hooks: Hooks
  readonly hookTimeoutMs: number
  /** Undefined where the configuration names no targets. */
  readonly fleet: FleetConfig | undefined
  readonly logFile: string | undefined
  readonly logLevel: 'debug' | 'info' | 'warn' | 'error' | 'silent' | undefined
  readonly origins: Readonly<Partial<Record<SettingKey, Origin>>>
}
