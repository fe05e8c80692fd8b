import { rename, rm, stat, writeFile } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { type PlanStep, type RunIdentity, type StepBackup, TidemarkError } from '@tidemark/core'
import { makeFolder } from '@tidemark/core/node'
import type { Connection } from '../connection/connection.ts'
import { readConnectionUrl } from '../connection/connection-url.ts'
import { listAffected } from './affected-objects.ts'
import { type BackupEntry, type BackupManifest, writeManifest } from './backup-manifest.ts'
import { checkProgram, runProgram } from './client-program.ts'
import { findTables, quoteTable, type SavedTable } from './find-tables.ts'

/** What {@link createPgDumpBackup} takes. */
export interface PgDumpBackupOptions {
  /** The server itself, no transaction pooler. */
  readonly url: string
  /** The folder that holds one folder a run, such as `.tidemark/backups`. */
  readonly folder: string
  /** How long pg_dump waits for a table lock. */
  readonly lockTimeoutMs: number
  readonly connect: () => Promise<Connection>
  readonly signal?: AbortSignal | undefined
}

/**
 * Saves the tables that a destructive step touches with `pg_dump`, schema and data, before it runs: one dump in custom format a
 * step, in a folder a run, with a manifest that `restoreBackup` reads. What other sessions write between the dump and the step is not in it.
 */
export function createPgDumpBackup(options: PgDumpBackupOptions): StepBackup {
  return new PgDumpBackup(options)
}

class PgDumpBackup implements StepBackup {
  readonly #options: PgDumpBackupOptions
  #versions = { serverVersion: '', pgDump: '' }
  readonly #entries: BackupEntry[] = []

  constructor(options: PgDumpBackupOptions) {
    this.#options = options
  }

  isNeeded(step: PlanStep): boolean {
    return listAffected(step).length > 0
  }

  async prepare(steps: readonly PlanStep[], run: RunIdentity): Promise<void> {
    this.#entries.length = 0
    if (!steps.some((step) => this.isNeeded(step))) return
    const serverVersion = await this.#withConnection(async (connection) => {
      const { rows } = await connection.query<{ version: string }>(
        "SELECT pg_catalog.current_setting('server_version') AS version",
      )
      return rows[0]?.version ?? ''
    })
    this.#versions = { serverVersion, pgDump: await checkProgram('pg_dump', serverVersion) }
    await this.#checkFolder(run)
  }

  async save(step: PlanStep, run: RunIdentity): Promise<Readonly<Record<string, unknown>> | undefined> {
    const tables = await this.#withConnection((connection) => findTables(connection, listAffected(step)))
    if (tables.length === 0) return undefined
    const folder = this.#folderOf(run)
    const direction = step.kind === 'roll_back' ? 'down' : 'up'
    const number = String(this.#entries.length + 1).padStart(3, '0')
    const file = `${number}-${step.id.slice(0, 150)}-${direction}.dump`
    await makeFolder(folder).catch((cause: unknown) => {
      throw unwritable(folder, cause)
    })
    await this.#dump(step, tables, join(folder, file))
    const savedAt = new Date().toISOString()
    this.#entries.push({ migrationId: step.id, direction, file, tables, savedAt })
    await writeManifest(folder, this.#manifest(run))
    const path = relative(process.cwd(), join(folder, file)).split(sep).join('/')
    return { path, tables: tables.map(({ schema, name }) => `${schema}.${name}`) }
  }

  async #dump(step: PlanStep, tables: readonly SavedTable[], path: string): Promise<void> {
    const { url, lockTimeoutMs, signal } = this.#options
    const draft = `${path}.part`
    const args = [
      '--format=custom',
      '--no-password',
      `--file=${draft}`,
      ...(lockTimeoutMs === 0 ? [] : [`--lock-wait-timeout=${lockTimeoutMs}`]),
      ...tables.map((table) => `--table=${quoteTable(table)}`),
    ]
    const { code, stderr } = await runProgram('pg_dump', args, { url, signal }).catch((cause: unknown) => {
      throw cause instanceof TidemarkError ? cause : failed(step, String(cause), cause)
    })
    const size = await stat(draft).then(
      (file) => file.size,
      () => 0,
    )
    if (code !== 0 || size === 0) {
      await rm(draft, { force: true })
      throw failed(step, stderr)
    }
    await rename(draft, path)
  }

  #manifest({ runId }: RunIdentity): BackupManifest {
    const { host, port, database } = readConnectionUrl(this.#options.url).target
    return {
      formatVersion: 1,
      runId,
      target: { host, port, database },
      ...this.#versions,
      entries: [...this.#entries],
    }
  }

  #folderOf({ runId }: RunIdentity): string {
    return join(this.#options.folder, runId)
  }

  /** Before the first step: a folder that cannot be written would stop the run in its middle. */
  async #checkFolder(run: RunIdentity): Promise<void> {
    const { folder } = this.#options
    const probe = join(folder, `.probe-${run.runId}`)
    try {
      await makeFolder(folder)
      await writeFile(probe, '')
      await rm(probe)
    } catch (cause) {
      throw unwritable(folder, cause)
    }
  }

  async #withConnection<T>(use: (connection: Connection) => Promise<T>): Promise<T> {
    const connection = await this.#options.connect()
    try {
      return await use(connection)
    } finally {
      await connection.close()
    }
  }
}

function unwritable(folder: string, cause: unknown): TidemarkError {
  const reason = cause instanceof Error && 'code' in cause ? ` (${String(cause.code)})` : ''
  return new TidemarkError({
    code: 'TM7017',
    message: `the backup folder "${folder}" cannot be written${reason}`,
    help: 'make it writable for this user, or run without --backup',
    details: { folder, applied: [] },
    cause,
  })
}

function failed(step: PlanStep, said: string, cause?: unknown): TidemarkError {
  const reason = said.split('\n').slice(0, 5).join('\n')
  return new TidemarkError({
    code: 'TM5040',
    message: `"${step.id}" was not run: the backup before it failed: ${reason === '' ? 'pg_dump failed' : reason}`,
    help: 'fix the problem that pg_dump reports and run it again, or run without --backup',
    details: { migration: step.id, pgDump: said },
    cause,
  })
}
