import { join } from 'node:path'
import { createServerBackups, type ServerBackups } from '@tidemark/pg-driver'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import { serverOptions } from './open-database.ts'
import type { DatabaseSettings } from './require-database.ts'

/** The folder of all backups of a project. */
export function backupFolder({ folder }: Pick<DatabaseSettings, 'folder'>): string {
  return join(folder, '.tidemark', 'backups')
}

/**
 * Makes what saves and restores tables; undefined for an embedded database, which is a folder that can be
 * copied.
 */
export async function openBackups(
  settings: DatabaseSettings,
  options: {
    readonly signal?: AbortSignal | undefined
    readonly anyTarget?: boolean
    /** Default that of the project. */
    readonly backups?: string | undefined
  },
): Promise<ServerBackups | undefined> {
  if (isEmbeddedUrl(settings.database)) return undefined
  return createServerBackups({
    ...serverOptions(settings),
    ...options,
    backups: options.backups ?? backupFolder(settings),
    lockWaitMs: settings.lockWaitMs,
  })
}

/** Whether this run saves what destructive steps take away: the flag wins over the configuration. */
export function wantsBackup(settings: DatabaseSettings, flag: unknown): boolean {
  return typeof flag === 'boolean' ? flag : settings.backup === 'destructive'
}
