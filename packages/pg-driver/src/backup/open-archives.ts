import { join } from 'node:path'
import { quoteIdentifier, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import type { BackupEntry, BackupManifest } from './backup-manifest.ts'
import type { ReadEntry } from './plan-restore.ts'
import { hashFile, readArchive } from './read-archive.ts'
import { quoteTable, type SavedTable } from './table-state.ts'

/** An archive whose bytes are those that were recorded. */
export interface OpenArchive extends ReadEntry {
  readonly path: string
  /** Names in the archive, as `quoteTable` writes them, that are others since. */
  readonly renamed: ReadonlyMap<string, Pick<SavedTable, 'schema' | 'name'>>
  /** `recorded`: the history of this database has its SHA-256, so also the SQL in it is ours. */
  readonly origin: 'recorded' | 'unknown'
}

/** Where backups are and which database is asked. */
export interface ArchivePlace {
  readonly folder: string
  readonly schema: string
  readonly origins: 'recorded' | 'any'
}

/**
 * Checks each archive of a run against the SHA-256 in the history, and reads what is in it. What was not
 * committed is left out.
 *
 * @throws TidemarkError TM6031 when an archive is not the one that was recorded, TM6008 when none was.
 */
export async function openArchives(
  connection: Connection,
  { runId, entries }: BackupManifest,
  { folder, schema, origins }: ArchivePlace,
): Promise<readonly OpenArchive[]> {
  const recorded = await readRecorded(connection, schema, runId)
  const open: OpenArchive[] = []
  for (const entry of entries) {
    const path = join(folder, runId, entry.file)
    const expected = recorded.get(keyOf(entry))
    if (expected === undefined && origins === 'recorded') continue
    const found = await hashFile(path).catch((cause: unknown) =>
      Promise.reject(unreadable(runId, path, cause)),
    )
    if (found !== (expected ?? entry.sha256))
      throw notOurs(entry.file, { expected: expected ?? entry.sha256, found })
    const content = await readTables(path).catch((cause: unknown) =>
      Promise.reject(unreadable(runId, path, cause)),
    )
    open.push({ entry, path, ...content, origin: expected === undefined ? 'unknown' : 'recorded' })
  }
  if (open.length === 0) throw notRecorded(runId)
  return open
}

function keyOf({ migrationId, direction }: Pick<BackupEntry, 'migrationId' | 'direction'>): string {
  return `${direction} ${migrationId}`
}

async function readRecorded(
  connection: Connection,
  schema: string,
  runId: string,
): Promise<ReadonlyMap<string, string>> {
  const table = `${quoteIdentifier(schema)}.migration_history`
  const { rows: there } = await connection.query<{ there: boolean }>(
    'SELECT to_regclass($1) IS NOT NULL AS there',
    [table],
  )
  if (there[0]?.there !== true) return new Map()
  const { rows } = await connection.query<{ id: string; direction: 'up' | 'down'; sha256: string }>(
    `SELECT migration_id AS id, direction::text AS direction, details->'backup'->>'sha256' AS sha256 FROM ${table}
     WHERE run_id::text = $1::text AND details->'backup'->>'sha256' IS NOT NULL
       AND (direction::text, status::text) IN (('up', 'completed'), ('down', 'rolled_back'))`,
    [runId],
  )
  return new Map(
    rows.map(({ id: migrationId, direction, sha256 }) => [keyOf({ migrationId, direction }), sha256]),
  )
}

async function readTables(path: string): Promise<Pick<OpenArchive, 'tables' | 'renamed'>> {
  const tables: SavedTable[] = []
  const renamed = new Map<string, Pick<SavedTable, 'schema' | 'name'>>()
  await readArchive(path, async (item) => {
    if (item.item === 'renamed') renamed.set(quoteTable(item.from), item.to)
    if (item.item !== 'relation') return
    const columns = item.columns.map(({ name, type }) => `${name} ${type}`).sort()
    tables.push({ schema: item.schema, name: item.name, columns })
  })
  return { tables: tables.map((table) => ({ ...table, ...renamed.get(quoteTable(table)) })), renamed }
}

function notOurs(
  file: string,
  details: { readonly expected: string; readonly found: string },
): TidemarkError {
  return new TidemarkError({
    code: 'TM6031',
    message: `${file} is not the file that was saved: its SHA-256 is ${details.found}, and ${details.expected} was recorded`,
    help: 'nothing was read from it; find out who changed it, and restore from another copy',
    details: { file, ...details, applied: [] },
  })
}

function notRecorded(runId: string): TidemarkError {
  return new TidemarkError({
    code: 'TM6008',
    message: `the history of this database has no backup of the run "${runId}"`,
    help: 'name the database that it was made of; --any-target restores the rows into another one',
  })
}

function unreadable(runId: string, path: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM6008',
    message: `the backup of the run "${runId}" cannot be read: ${path}`,
    help: 'restore from another copy of its folder',
    cause,
  })
}
