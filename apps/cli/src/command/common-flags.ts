import * as Flags from '@oclif/core/flags'

const group = 'COMMON'

/** Flags of every command. */
export const COMMON_FLAGS = {
  json: Flags.boolean({ summary: 'Write the result as one JSON document on stdout.', helpGroup: group }),
  config: Flags.string({
    summary: 'Use this configuration file (the nearest tidemark.config.*).',
    helpValue: 'FILE',
    helpGroup: group,
  }),
  env: Flags.string({
    char: 'e',
    summary: 'Use this environment of the configuration.',
    helpValue: 'NAME',
    helpGroup: group,
  }),
  'env-file': Flags.string({
    summary: 'Read variables from this file (.env beside the configuration); set variables win.',
    helpValue: 'FILE',
    helpGroup: group,
  }),
  'no-env-file': Flags.boolean({
    summary: 'Read no .env file.',
    helpGroup: group,
    exclusive: ['env-file'],
  }),
  'database-url': Flags.string({
    summary: 'Connect to this database: postgres://…, pglite:PATH or pglite:memory.',
    helpValue: 'URL',
    helpGroup: group,
  }),
  dir: Flags.string({
    summary: 'Read migrations from this folder (migrations).',
    helpValue: 'FOLDER',
    helpGroup: group,
  }),
  schema: Flags.string({
    summary: 'Keep the tracking tables in this schema (public).',
    helpValue: 'NAME',
    helpGroup: group,
  }),
  'search-path': Flags.string({
    summary:
      'Find names without a schema in these schemas, such as tenant_a,public; files create in the first.',
    helpValue: 'NAMES',
    helpGroup: group,
  }),
  yes: Flags.boolean({ char: 'y', summary: 'Answer every question with yes.', helpGroup: group }),
  quiet: Flags.boolean({
    char: 'q',
    summary: 'Print results and problems, no progress.',
    helpGroup: group,
    exclusive: ['verbose'],
  }),
  verbose: Flags.boolean({
    char: 'v',
    summary: 'Print statements, notices, and stack traces of failures.',
    helpGroup: group,
  }),
  'log-level': Flags.string({
    summary: 'Write structured logs of this level and above to stderr (off).',
    options: ['debug', 'info', 'warn', 'error', 'silent'],
    helpGroup: group,
  }),
  'log-file': Flags.string({
    summary: 'Append structured logs to this file, from info on (off).',
    helpValue: 'FILE',
    helpGroup: group,
  }),
}

const timeouts = 'TIMEOUTS AND RETRIES'

/** Flags of commands that connect. */
export const CONNECT_FLAGS = {
  'connect-timeout': Flags.string({
    summary: 'Give up connecting after this time, such as 30s (10s; 0: never).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
}

/** The flag of commands that may be the first ones on a target. */
export const CREATE_SCHEMA_FLAG = {
  'create-schema': Flags.boolean({
    summary:
      'Create the first schema of the search path and that of the tracking tables if they are missing.',
  }),
}

/** Flags of commands that use a shadow. */
export const SHADOW_FLAGS = {
  shadow: Flags.string({
    summary: 'Run the shadow on this server, postgres://… as a role with CREATEDB (pglite).',
    helpValue: 'URL',
  }),
}

/** Flags of commands that take the run lock. */
export const RUN_FLAGS = {
  ...CONNECT_FLAGS,
  'lock-wait': Flags.string({
    summary: 'Give up waiting for another runner after this time (10min; 0: at once).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
  'lock-timeout': Flags.string({
    summary: 'Give up waiting for a table lock after this time (5s; 0: never).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
  'lock-retries': Flags.string({
    summary: 'Try a migration again this often after a lock timeout (10).',
    helpValue: 'N',
    helpGroup: timeouts,
  }),
  'statement-timeout': Flags.string({
    summary: 'Cancel a statement after this time (0: never).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
  'batch-time': Flags.string({
    summary: 'Choose the size of batches so that one takes this time (500ms).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
  'max-lag': Flags.string({
    summary: 'Wait between batches while a standby is further behind (10s; 0: never).',
    helpValue: 'TIME',
    helpGroup: timeouts,
  }),
}

/** The values of {@link COMMON_FLAGS} that the base command itself looks at. */
export interface CommonFlagValues {
  readonly json?: boolean
  readonly yes?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  readonly [name: string]: unknown
}
