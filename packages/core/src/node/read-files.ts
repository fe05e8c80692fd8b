import { closeSync, constants, fstatSync, openSync, readFileSync, readSync } from 'node:fs'
import { readFile, stat } from 'node:fs/promises'
import { setImmediate } from 'node:timers/promises'
import type { Migration } from '../migration/model/migration.ts'
import { cannotRead, type DisplayPath } from './find-sql-files.ts'
import { LARGE_FILE_BYTES } from './read-large-migration.ts'

/** How {@link readFiles} reads. */
export interface ReadFilesOptions {
  readonly display: DisplayPath
  /**
   * Gives what is known of a file by its bytes: such a file is whole as soon as it has them, and its end is
   * not looked for.
   */
  readonly recall: (path: string, bytes: Uint8Array) => Migration | undefined
  readonly signal?: AbortSignal | undefined
}

/** Filled and copied from at once, so one for all. */
const page = Buffer.allocUnsafeSlow(64 * 1024)

/** What a file holds: bytes, or what they were recalled as; of one that is too large to be held, its size. */
export type FileContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'recalled'; readonly migration: Migration }
  | { readonly kind: 'large'; readonly sizeBytes: number }

/** Files read without giving other work a turn: some milliseconds. */
const SLICE = 64
/** A disk slower than this is waited for by many at once. */
const SLOW_MS_PER_FILE = 0.5
/** More than a network disk can use, far fewer than a process may open. */
const CONCURRENCY = 32

/**
 * Yields the bytes of files, each with its path, in the order of the paths where the disk is local; of files
 * over 16 MiB the size.
 *
 * A synchronous read of a small file costs a tenth of an asynchronous one, so files are read in short
 * synchronous slices with a turn for other work between them; as soon as a slice shows a slow disk, the rest
 * is read asynchronously, many at a time.
 *
 * @throws TidemarkError TM7022 naming the first file that cannot be read.
 */
export async function* readFiles(
  paths: readonly string[],
  options: ReadFilesOptions,
): AsyncGenerator<readonly (readonly [path: string, content: FileContent])[]> {
  let size = SLICE
  let isSlow = false
  for (let start = 0; start < paths.length; start += size) {
    options.signal?.throwIfAborted()
    size = isSlow ? CONCURRENCY : SLICE
    const slice = paths.slice(start, start + size)
    if (isSlow)
      yield await Promise.all(slice.map(async (path) => [path, await readSlowly(path, options)] as const))
    else {
      const began = Date.now()
      const files = slice.map((path) => [path, readAtOnce(path, options)] as const)
      isSlow = (Date.now() - began) / slice.length > SLOW_MS_PER_FILE
      yield files
      await setImmediate()
    }
  }
}

function readAtOnce(path: string, { display, recall }: ReadFilesOptions): FileContent {
  try {
    const file = openSync(path, constants.O_RDONLY)
    try {
      // Nearly all files fit, and then two reads, of which one finds the end, cost less than to ask for the
      // size first.
      const length = readSync(file, page)
      if (length < page.length) {
        const bytes = Buffer.from(page.subarray(0, length))
        const migration = recall(path, bytes)
        if (migration !== undefined) return { kind: 'recalled', migration }
        if (readSync(file, page, length, page.length - length, null) === 0) return { kind: 'bytes', bytes }
      }
      const { size } = fstatSync(file)
      return size > LARGE_FILE_BYTES
        ? { kind: 'large', sizeBytes: size }
        : toContent(path, readFileSync(path), recall)
    } finally {
      closeSync(file)
    }
  } catch (cause) {
    throw cannotRead(path, display, cause)
  }
}

function toContent(path: string, bytes: Uint8Array, recall: ReadFilesOptions['recall']): FileContent {
  const migration = recall(path, bytes)
  return migration === undefined ? { kind: 'bytes', bytes } : { kind: 'recalled', migration }
}

async function readSlowly(path: string, options: ReadFilesOptions): Promise<FileContent> {
  const { display, signal, recall } = options
  try {
    const { size } = await stat(path)
    if (size > LARGE_FILE_BYTES) return { kind: 'large', sizeBytes: size }
    return toContent(path, await readFile(path, { signal }), recall)
  } catch (cause) {
    signal?.throwIfAborted()
    throw cannotRead(path, display, cause)
  }
}
