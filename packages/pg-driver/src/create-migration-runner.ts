import { hostname, userInfo } from 'node:os'
import { MigrationRunner, type RunnerOptions } from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { openBackups } from './backup/open-backups.ts'
import { createServerOptions, openServerDatabase } from './database/server-database.ts'
import { durationMs, engineSettings, type MigrationRunnerOptions } from './options/migration-options.ts'
import { TOOL_VERSION } from './options/tool-version.ts'
import { observeRun } from './telemetry/observe-run.ts'

/**
 * Makes a runner for a PostgreSQL server. Nothing is read or connected before a method is called.
 *
 * @throws TidemarkError TM7050 when the URL cannot be read, TM7051 when a duration cannot.
 * @example
 * const runner = createMigrationRunner({ database: 'postgres://app@localhost/shop', migrations: 'migrations' })
 * const plan = await runner.createMigrationPlan()
 * const result = await runner.runMigrations({ dryRun: false })
 */
export function createMigrationRunner(options: MigrationRunnerOptions): MigrationRunner {
  const { database, migrations } = options
  const settings = engineSettings(options)
  return new MigrationRunner({
    database: typeof database === 'string' ? openServerDatabase(database, options, settings) : database,
    migrations:
      typeof migrations === 'string'
        ? createDirectoryReader({ directory: migrations, schema: settings.schema })
        : migrations,
    environment: options.environment,
    lockWaitMs: durationMs('lockWait', options.lockWait, 600_000),
    executedBy: options.executedBy ?? defaultExecutor(),
    toolVersion: options.toolVersion ?? TOOL_VERSION,
    newRunId: () => crypto.randomUUID(),
    observeRun,
    warn: (message) => process.emitWarning(message, 'TidemarkWarning'),
    backup: backupOf(options),
  })
}

/** An embedded database, which comes as an object, is a folder that can be copied. */
function backupOf({ backup = 'never', ...options }: MigrationRunnerOptions): RunnerOptions['backup'] {
  if (typeof backup === 'object') return { steps: backup, when: 'asked' }
  const { database, backups } = options
  if (typeof database !== 'string') return undefined
  const server = createServerOptions(database, options)
  return {
    steps: openBackups({ server, settings: engineSettings(options), backups, lockWaitMs: 0 }).steps,
    when: backup === 'destructive' ? 'always' : 'asked',
  }
}

function defaultExecutor(): string {
  try {
    return `${userInfo().username}@${hostname()}`
  } catch {
    return hostname()
  }
}
