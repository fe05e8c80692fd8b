import { readdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { suggest, TidemarkError } from '@tidemark/core'
import type * as z from 'zod'
import type { BackupEntrySchema, BackupManifestSchema } from './backup-manifest-schema.ts'

/** See {@link BackupManifestSchema}. */
export type BackupManifest = z.infer<typeof BackupManifestSchema>
/** See {@link BackupEntrySchema}. */
export type BackupEntry = z.infer<typeof BackupEntrySchema>

const FILE = 'manifest.json'

/** Writes a manifest; a reader never meets half of one. */
export async function writeManifest(folder: string, manifest: BackupManifest): Promise<void> {
  const draft = join(folder, `.${FILE}`)
  await writeFile(draft, `${JSON.stringify(manifest, null, 2)}\n`, { mode: 0o600 })
  await rename(draft, join(folder, FILE))
}

/**
 * Reads what a run saved.
 *
 * @throws TidemarkError TM6008 when there is no such backup, with the nearest one, or when its manifest
 *   cannot be read.
 */
export async function readManifest(backups: string, runId: string): Promise<BackupManifest> {
  const known = await listBackups(backups)
  if (!known.includes(runId)) throw unknownBackup(backups, runId, known)
  const path = join(backups, runId, FILE)
  const { BackupManifestSchema } = await import('./backup-manifest-schema.ts')
  try {
    return BackupManifestSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch (cause) {
    throw new TidemarkError({
      code: 'TM6008',
      message: `the backup of the run "${runId}" cannot be read: ${path}`,
      help: 'a backup of an earlier version is restored by hand: see `pg_restore --list FILE`',
      cause,
    })
  }
}

/** The runs that have a backup, sorted. */
export async function listBackups(backups: string): Promise<readonly string[]> {
  const entries = await readdir(backups, { withFileTypes: true }).catch(() => [])
  return entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .sort()
}

function unknownBackup(backups: string, runId: string, known: readonly string[]): TidemarkError {
  const near = suggest(runId, known) ?? known.find((id) => runId.length >= 4 && id.startsWith(runId))
  return new TidemarkError({
    code: 'TM6008',
    message: `there is no backup of the run "${runId}" in ${backups}`,
    help:
      near !== undefined
        ? `did you mean "${near}"?`
        : known.length === 0
          ? 'there is no backup yet; `--backup` saves tables before destructive steps'
          : `there is ${known.join(', ')}`,
  })
}
