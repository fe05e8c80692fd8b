import { rm, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import {
  type PlanStep,
  type RunIdentity,
  type StepArchive,
  type StepBackup,
  TidemarkError,
} from '@tidemark/core'
import { makePrivateFolder } from '@tidemark/core/node'
import { readAddress, type ServerAddress } from '../connection/driver-connection.ts'
import { formatItem } from '../save/archive-item.ts'
import { isInTransaction, mayLose } from '../save/may-lose.ts'
import { createArchiveFile } from './archive-file.ts'
import { type BackupEntry, writeManifest } from './backup-manifest.ts'

/** What {@link createFileBackup} takes. */
export interface FileBackupOptions {
  readonly url: ServerAddress
  /** The folder that holds one folder a run, such as `.tidemark/backups`. */
  readonly folder: string
}

/**
 * Keeps what steps take away in files: one compressed archive a step, in a folder a run, with a manifest.
 * Folders are open to this user only.
 */
export function createFileBackup(options: FileBackupOptions): StepBackup {
  return new FileBackup(options)
}

class FileBackup implements StepBackup {
  readonly #options: FileBackupOptions
  #entries: readonly BackupEntry[] = []
  #count = 0

  constructor(options: FileBackupOptions) {
    this.#options = options
  }

  isNeeded(step: PlanStep): boolean {
    return mayLose(step)
  }

  async prepare(steps: readonly PlanStep[], run: RunIdentity): Promise<void> {
    this.#entries = []
    this.#count = 0
    const needed = steps.filter(mayLose)
    const refused = needed.filter((step) => !isInTransaction(step)).map(({ id }) => id)
    if (refused.length > 0) throw withoutTransaction(refused)
    if (needed.length > 0) await this.#checkFolder(run)
  }

  async open(step: PlanStep, run: RunIdentity): Promise<StepArchive> {
    const folder = this.#folderOf(run)
    const direction = step.kind === 'roll_back' ? 'down' : 'up'
    this.#count += 1
    const number = String(this.#count).padStart(3, '0')
    const file = `${number}-${step.id.slice(0, 150)}-${direction}.dump`
    const failing = <T>(promise: Promise<T>) =>
      promise.catch((cause: unknown) => Promise.reject(failed(step, cause)))
    await failing(makePrivateFolder(folder))
    const archive = createArchiveFile(join(folder, file))
    const { runId } = run
    const head = { item: 'archive', formatVersion: 2, runId, migrationId: step.id, direction } as const
    await failing(archive.write(formatItem(head)))
    return {
      write: (part) => failing(archive.write(part)),
      finish: async ({ tables, rows }) => {
        const sha256 = await failing(archive.finish())
        const savedAt = new Date().toISOString()
        const entry = { migrationId: step.id, direction, file, tables, rows, sha256, savedAt } as const
        this.#entries = [...this.#entries, entry]
        await failing(this.#writeManifest(run))
        const path = relative(process.cwd(), join(folder, file)).split(sep).join('/')
        return { path, tables, rows, sha256 }
      },
      discard: async () => {
        await archive.discard().catch(() => undefined)
        const isWritten = this.#entries.some((entry) => entry.file === file)
        this.#entries = this.#entries.filter((entry) => entry.file !== file)
        if (this.#entries.length === 0) await rm(folder, { recursive: true, force: true })
        else if (isWritten) await this.#writeManifest(run)
      },
    }
  }

  #writeManifest(run: RunIdentity): Promise<void> {
    const { host, port, database } = readAddress(this.#options.url).target
    const { runId } = run
    const target = { host, port, database }
    return writeManifest(this.#folderOf(run), { formatVersion: 2, runId, target, entries: this.#entries })
  }

  #folderOf({ runId }: RunIdentity): string {
    return join(this.#options.folder, runId)
  }

  /** Before the first step: a folder that cannot be written would stop the run in its middle. */
  async #checkFolder(run: RunIdentity): Promise<void> {
    const { folder } = this.#options
    const probe = join(folder, `.probe-${run.runId}`)
    try {
      await makePrivateFolder(folder)
      await writeFile(probe, '', { mode: 0o600 })
      await rm(probe)
    } catch (cause) {
      throw unwritable(folder, cause)
    }
  }
}

function unwritable(folder: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7017',
    message: `the backup folder "${folder}" cannot be written${codeOf(cause)}`,
    help: 'make it writable for this user, or go without --backup',
    details: { folder, applied: [] },
    cause,
  })
}

function failed({ id }: PlanStep, cause: unknown): TidemarkError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new TidemarkError({
    code: 'TM5040',
    message: `"${id}" was rolled back: what it takes away could not be saved: ${reason}`,
    help: 'make room in the backup folder and run it again, or go without --backup',
    details: { migration: id, reason },
    cause,
  })
}

function withoutTransaction(ids: readonly string[]): TidemarkError {
  const names = ids.map((id) => `"${id}"`).join(', ')
  return new TidemarkError({
    code: 'TM6030',
    message: `${names} ${ids.length === 1 ? 'runs' : 'run'} without a transaction and may take data away, which cannot be saved with certainty`,
    help: 'move what deletes, drops or runs functions to a migration with a transaction, or save the data yourself and run it with --no-backup',
    details: { migrations: ids, applied: [] },
  })
}

function codeOf(cause: unknown): string {
  return cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
}
