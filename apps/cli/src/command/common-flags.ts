import * as Flags from '@oclif/core/flags'

const group = 'COMMON'

/** Flags of every command. */
export const COMMON_FLAGS = {
  json: Flags.boolean({ summary: 'Write the result as one JSON document on stdout.', helpGroup: group }),
  config: Flags.string({ summary: 'Use this configuration file.', helpValue: 'FILE', helpGroup: group }),
  env: Flags.string({
    char: 'e',
    summary: 'Use an environment of the configuration.',
    helpValue: 'NAME',
    helpGroup: group,
  }),
  'env-file': Flags.string({
    summary: 'Read variables from a file; variables that are set win.',
    helpValue: 'FILE',
    helpGroup: group,
  }),
  'database-url': Flags.string({
    summary: 'The database: postgres://…, pglite:PATH or pglite:memory.',
    helpValue: 'URL',
    helpGroup: group,
  }),
  dir: Flags.string({ summary: 'The folder with the migrations.', helpValue: 'FOLDER', helpGroup: group }),
  schema: Flags.string({
    summary: 'The schema of the tracking tables.',
    helpValue: 'NAME',
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
    summary: 'Write structured logs of this level to stderr.',
    options: ['debug', 'info', 'warn', 'error', 'silent'],
    helpGroup: group,
  }),
  'log-file': Flags.string({
    summary: 'Append structured logs to a file.',
    helpValue: 'FILE',
    helpGroup: group,
  }),
}

const limits = 'LIMITS'

/** Flags of commands that connect. */
export const CONNECT_FLAGS = {
  'connect-timeout': Flags.string({
    summary: 'How long connecting may take (10s).',
    helpValue: 'TIME',
    helpGroup: limits,
  }),
}

/** Flags of commands that take the run lock. */
export const RUN_FLAGS = {
  ...CONNECT_FLAGS,
  'lock-wait': Flags.string({
    summary: 'How long to wait for another runner (10min).',
    helpValue: 'TIME',
    helpGroup: limits,
  }),
  'lock-timeout': Flags.string({
    summary: 'How long a statement may wait for a table lock (5s).',
    helpValue: 'TIME',
    helpGroup: limits,
  }),
  'lock-retries': Flags.string({
    summary: 'How often a migration is tried again after that (10).',
    helpValue: 'N',
    helpGroup: limits,
  }),
  'statement-timeout': Flags.string({
    summary: 'How long a statement may run (0: no limit).',
    helpValue: 'TIME',
    helpGroup: limits,
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
