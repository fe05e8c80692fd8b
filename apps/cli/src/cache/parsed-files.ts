import { hash } from 'node:crypto'
import { DEFAULT_HEADER, type MigrationHeader } from '@tidemark/core'
import type { KnownFile, KnownFiles } from '@tidemark/core/node'
import { buildId } from './build-id.ts'
import { findKeptFile, type KeptFile } from './cache-file.ts'

/** Folders of migrations of which is kept what is known of their files. */
const MAX_FOLDERS = 32
/** So few files are parsed in less time than it takes to write what is known of all. */
const FEW = 16

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
 * Finds what is known of a folder's files from earlier processes of the same build: other code might find something wrong. Undefined
 * where nothing is kept.
 */
export function findKnownFiles({ directory, schema }: FilesKey): KnownFiles | undefined {
  if (buildId === undefined) return undefined
  const name = hash('sha256', JSON.stringify([buildId, directory, schema]))
  const kept = findKeptFile({ folder: 'files', name, most: MAX_FOLDERS })
  return kept && openKnownFiles(kept)
}

function openKnownFiles(kept: KeptFile): KnownFiles {
  const entries: Readonly<Record<string, Entry>> = JSON.parse(kept.read()?.toString() ?? '{}')
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
      if (parsed > FEW) kept.write(Buffer.from(JSON.stringify(Object.fromEntries(toEntries(files)))))
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
