import { readFile } from 'node:fs/promises'
import { dirname, extname, resolve } from 'node:path'
import { exhaustedHelp, TidemarkError } from '@tidemark/core'
import { makeFolder, replaceFile } from '@tidemark/core/node'
import {
  createManifest,
  formatManifest,
  type Manifest,
  type ManifestFormat,
  readManifest,
} from '@tidemark/gate'
import type { Settings } from '../config/settings.ts'
import { createReader } from '../project/read-project.ts'
import { refuse } from '../project/refuse.ts'
import { checkManifest, readManifestText } from './check-manifest.ts'

/** What `manifest` was asked for. */
export interface ManifestRequest {
  /** The file; undefined: only the manifest itself is wanted. */
  readonly out: string | undefined
  /** Undefined: by the name of the file, JSON without one. */
  readonly format: ManifestFormat | undefined
  /** `check` compares and writes nothing. */
  readonly mode: 'write' | 'check'
}

/** The manifest, and what became of its file. */
export interface ManifestOutcome {
  readonly manifest: Manifest
  /** As it is or would be written. */
  readonly text: string
  readonly out: string | undefined
  readonly state: 'printed' | 'written' | 'unchanged'
}

/**
 * Makes the manifest of the files and writes it, or checks the one that is there. A file with the same text
 * is not touched.
 *
 * @throws {TidemarkError} for wrong files; TM7008 for a name without a format; TM7026 when the file that was
 * checked is not of these migrations, TM7060 when it is no manifest.
 */
export async function writeManifest(
  settings: Pick<Settings, 'migrations' | 'schema' | 'folder' | 'environment'>,
  { out, format, mode }: ManifestRequest,
): Promise<ManifestOutcome> {
  const read = await createReader(settings).readMigrations()
  if (!read.ok) throw refuse(read.error)
  const created = createManifest(read.value.migrations, { environment: settings.environment })
  if (!created.ok) throw refuse(created.error)
  const wanted = format ?? formatOf(out)
  const path = out === undefined ? undefined : resolve(out)
  const present = path === undefined || out === undefined ? undefined : await readPresent(path, out)
  const manifest = keepVerdicts(created.value, present)
  const text = formatManifest(manifest, wanted)
  if (out === undefined || path === undefined) return { manifest, text, out, state: 'printed' }
  if (mode === 'check') checkManifest({ text, manifest }, present, out)
  if (mode === 'check' || present === text) return { manifest, text, out, state: 'unchanged' }
  await writing(out, async () => {
    await makeFolder(dirname(path))
    await replaceFile(path, text)
  })
  return { manifest, text, out, state: 'written' }
}

/** What another machine checked stays, as long as the file is the same. */
function keepVerdicts(manifest: Manifest, present: string | undefined): Manifest {
  const document = present === undefined ? undefined : readManifestText(present)
  const found = document === undefined ? [] : readEntries(document)
  const known = new Map(found.map((entry) => [`${entry.id}:${entry.checksum}`, entry.down]))
  return {
    ...manifest,
    migrations: manifest.migrations.map((entry) => {
      const down = entry.down ?? known.get(`${entry.id}:${entry.checksum}`)
      return down === undefined ? entry : { ...entry, down }
    }),
  }
}

function readEntries(document: unknown): Manifest['migrations'] {
  try {
    return readManifest(document, '').migrations
  } catch {
    return []
  }
}

/** A name that says nothing is refused: what would import the file would not understand it. */
function formatOf(path: string | undefined): ManifestFormat {
  const ending = path === undefined ? '.json' : extname(path)
  if (ending === '.json') return 'json'
  if (['.ts', '.mts', '.cts'].includes(ending)) return 'ts'
  throw new TidemarkError({
    code: 'TM7008',
    message: `"${path}" has no extension that gives the format of the manifest`,
    help: 'name it .json or .ts, or add --format json',
  })
}

async function readPresent(path: string, shown: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'ENOENT') return undefined
    throw cannotUse('read', shown, cause)
  }
}

async function writing(shown: string, write: () => Promise<void>): Promise<void> {
  try {
    await write()
  } catch (cause) {
    throw cannotUse('write', shown, cause)
  }
}

function cannotUse(verb: 'read' | 'write', shown: string, cause: unknown): TidemarkError {
  const why = cause instanceof Error ? cause.message.replace(/, [a-z]+(?: '.*)?$/, '') : String(cause)
  return new TidemarkError({
    code: 'TM7012',
    message: `cannot ${verb} "${shown}": ${why}`,
    help: exhaustedHelp(cause) ?? 'name a file that this user may write with --out',
    cause,
  })
}
