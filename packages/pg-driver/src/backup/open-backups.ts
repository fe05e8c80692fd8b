import type { StepBackup } from '@tidemark/core'
import { createServerEngine, type ServerOptions } from '../engine/server-engine.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { createFileBackup } from './file-backup.ts'
import { type BackupRestorer, createBackupRestorer } from './restore-backup.ts'

/** Saving before destructive steps, and bringing back. */
export interface ServerBackups {
  readonly steps: StepBackup
  readonly restorer: BackupRestorer
}

/** What {@link openBackups} needs. */
export interface BackupPlace {
  readonly server: ServerOptions
  readonly settings: EngineSettings
  /** Default `.tidemark/backups`. */
  readonly backups?: string | undefined
  readonly lockWaitMs: number
  readonly anyTarget?: boolean | undefined
  readonly signal?: AbortSignal | undefined
}

/** Makes both over one server; nothing is connected yet. */
export function openBackups(place: BackupPlace): ServerBackups {
  const { server, settings, backups = '.tidemark/backups', lockWaitMs, anyTarget, signal } = place
  const engine = createServerEngine(server, settings)
  const shared = { url: server.directUrl ?? server.url, folder: backups, signal }
  return {
    steps: createFileBackup(shared),
    restorer: createBackupRestorer({
      ...shared,
      schema: settings.schema,
      lockWaitMs,
      connect: () => engine.connect('migrate'),
      ...(anyTarget === undefined ? {} : { anyTarget }),
    }),
  }
}
