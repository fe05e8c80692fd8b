import { hash, randomUUID } from 'node:crypto'
import { closeSync, fstatSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { geteuid } from 'node:process'
import { DEFAULT_HEADER, type MigrationHeader } from '@tidemark/core'
import type { KnownFile, KnownFiles } from '@tidemark/core/node'
import { attempt, buildId, findCacheFolder, makeOwnFolder, removeOldest } from './cache-folder.ts'

/** Folders of migrations of which is kept what is known of their files. */
const MAX_FOLDERS = 32
/** So few files are parsed in less time than it takes to write what is known of all. */
const FEW = 16
const DIGEST_BYTES = 32

/** Which files are known. */
export interface FilesKey {
  /** The folder with the migrations, absolute. */
  readonly directory: string
  /** That of the tracking tables. */
  readonly schema: string
}

type Entry = readonly [
  digest: string,
  checksum: string,
  header: Partial<MigrationHeader> & Pick<MigrationHeader, 'description'>,
]

/**
 * Finds what is known of a folder's files from earlier processes of the same build: other code might find
 * something wrong. Undefined where nothing is kept.
 */
export function findKnownFiles({ directory, schema }: FilesKey): KnownFiles | undefined {
  if (buildId === undefined) return undefined
  const folder = findCacheFolder('files')
  if (folder === undefined) return undefined
  return openKnownFiles(join(folder, hash('sha256', JSON.stringify([buildId, directory, schema]))))
}

function openKnownFiles(path: string): KnownFiles {
  const entries: Readonly<Record<string, Entry>> = JSON.parse(attempt(() => readWhole(path)) ?? '{}')
  return {
    find: (id) => {
      const entry = Object.hasOwn(entries, id) ? entries[id] : undefined
      return (
        entry && {
          digest: entry[0],
          checksum: entry[1] || entry[0],
          header: { ...DEFAULT_HEADER, ...entry[2] },
        }
      )
    },
    keep: (files, parsed) => {
      if (parsed > FEW) attempt(() => write(path, JSON.stringify(Object.fromEntries(toEntries(files)))))
    },
  }
}

function toEntries(files: ReadonlyMap<string, KnownFile>): readonly (readonly [string, Entry])[] {
  return Array.from(files, ([id, { digest, checksum, header }]) => {
    const entry: Entry = [digest, checksum === digest ? '' : checksum, unusual(header)]
    return [id, entry]
  })
}

function unusual(header: MigrationHeader): Entry[2] {
  const same = new Map<string, unknown>(Object.entries(DEFAULT_HEADER))
  const others = Object.entries(header).filter(([key, value]) => {
    return Array.isArray(value) ? value.length > 0 : value !== same.get(key)
  })
  return { ...Object.fromEntries(others), description: header.description }
}

/**
 * What another user may write is never trusted, such as files in the home folder of the user who calls
 * `sudo`.
 */
function readWhole(path: string): string | undefined {
  const file = openSync(path, 'r')
  try {
    const { uid, mode } = fstatSync(file)
    if (geteuid !== undefined && (uid !== geteuid() || (mode & 0o022) !== 0)) return undefined
    const whole = readFileSync(file)
    const content = whole.subarray(DIGEST_BYTES)
    return digest(content).equals(whole.subarray(0, DIGEST_BYTES)) ? content.toString() : undefined
  } finally {
    closeSync(file)
  }
}

function write(path: string, text: string): void {
  makeOwnFolder(dirname(path))
  const content = Buffer.from(text)
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, Buffer.concat([digest(content), content]), { mode: 0o600, flag: 'wx' })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
  removeOldest(dirname(path), MAX_FOLDERS)
}

/** Finds a file that was damaged or written in part. */
function digest(content: Buffer): Buffer {
  return hash('sha256', content, 'buffer')
}
