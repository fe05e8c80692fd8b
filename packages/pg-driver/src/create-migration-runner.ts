import { MigrationRunner, type RunnerOptions } from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import { openBackups } from './backup/open-backups.ts'
import type { ServerAddress } from './connection/driver-connection.ts'
import { checkOptions } from './database/check-options.ts'
import { createServerOptions, openServerDatabase } from './database/server-database.ts'
import { createHooks, isRunHooks } from './hooks/create-hooks.ts'
import { defaultExecutor } from './options/default-executor.ts'
import { durationMs, engineSettings, type MigrationRunnerOptions } from './options/migration-options.ts'
import { TOOL_VERSION } from './options/tool-version.ts'
import { observeRun } from './telemetry/observe-run.ts'

/**
 * Makes a runner for a PostgreSQL server. Nothing is read or connected before a method is called.
 *
 * A `Pool` or `Client` of `pg` says where the server is and how to sign in. The run opens connections of its
 * own with these settings, and uses none of the pool's.
 *
 * @throws TidemarkError TM7002 for an unknown option, TM7003 for a value that none takes, such as a client
 *   that was checked out of a pool; TM7050 when the URL cannot be read, TM7051 when a duration cannot.
 * @example
 * const runner = createMigrationRunner({ database: 'postgres://app@localhost/shop', migrations: 'migrations' })
 * const plan = await runner.createMigrationPlan()
 * const result = await runner.runMigrations({ dryRun: false })
 */
export function createMigrationRunner(options: MigrationRunnerOptions): MigrationRunner {
  const checked = checkOptions(options)
  const { migrations } = options
  const settings = engineSettings(options)
  return new MigrationRunner({
    database:
      checked.kind === 'made' ? checked.database : openServerDatabase(checked.address, options, settings),
    migrations:
      typeof migrations === 'string'
        ? createDirectoryReader({ directory: migrations, schema: settings.schema })
        : migrations,
    environment: options.environment,
    variables: options.variables,
    lockWaitMs: durationMs('lockWait', options.lockWait, 600_000),
    executedBy: options.executedBy ?? defaultExecutor(),
    toolVersion: options.toolVersion ?? TOOL_VERSION,
    newRunId: () => options.runId ?? crypto.randomUUID(),
    observeRun,
    hooks: hooksOf(options),
    hookTimeoutMs: durationMs('hookTimeout', options.hookTimeout, 60_000),
    warn: (message) => process.emitWarning(message, 'TidemarkWarning'),
    backup: backupOf(options, checked.kind === 'made' ? undefined : checked.address),
  })
}

function hooksOf({ hooks }: MigrationRunnerOptions): RunnerOptions['hooks'] {
  return hooks === undefined || isRunHooks(hooks) ? hooks : createHooks(hooks)
}

/** An embedded database, which comes as an object, is a folder that can be copied. */
function backupOf(
  { backup = 'never', ...options }: MigrationRunnerOptions,
  address: ServerAddress | undefined,
): RunnerOptions['backup'] {
  if (typeof backup === 'object') return { steps: backup, when: 'asked' }
  if (address === undefined) return undefined
  const { backups } = options
  const server = createServerOptions(address, options)
  return {
    steps: openBackups({ server, settings: engineSettings(options), backups, lockWaitMs: 0 }).steps,
    when: backup === 'destructive' ? 'always' : 'asked',
  }
}
