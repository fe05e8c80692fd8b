import { createServerOptions } from '../database/server-database.ts'
import { engineSettings, type MigrationRunnerOptions } from '../options/migration-options.ts'
import { openBackups, type ServerBackups } from './open-backups.ts'

/**
 * What {@link createServerBackups} takes: how the server is reached, as for a runner, and where backups lie.
 */
export interface ServerBackupsOptions
  extends Omit<MigrationRunnerOptions, 'database' | 'migrations' | 'backup' | 'lockWait'> {
  readonly database: string
  /** How long a restore waits for another run. Default ten minutes. */
  readonly lockWaitMs?: number | undefined
  /** Lets a backup be restored into another database than it was made of. Default false. */
  readonly anyTarget?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes what saves tables of a server before destructive steps and brings them back.
 *
 * @throws TidemarkError TM7050, TM7051.
 * @example createServerBackups({ database: url, backups: '.tidemark/backups' }).restorer.plan(runId)
 */
export function createServerBackups(options: ServerBackupsOptions): ServerBackups {
  const { backups, lockWaitMs = 600_000, anyTarget, signal } = options
  return openBackups({
    server: createServerOptions(options.database, options),
    settings: engineSettings(options),
    backups,
    lockWaitMs,
    anyTarget,
    signal,
  })
}
