import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { createGunzip } from 'node:zlib'
import type * as z from 'zod'
import { END_OF_ROWS } from '../save/archive-item.ts'
import type { ArchiveItemSchema } from './archive-item-schema.ts'

/** One line of an archive; rows come with their data. */
export type ReadItem = z.infer<typeof ArchiveItemSchema>

/** Gives the SHA-256 of a file in hexadecimal. */
export async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const part of createReadStream(path)) hash.update(part)
  return hash.digest('hex')
}

/**
 * Reads an archive line by line. For each `rows` it calls `onRows` with the data, which has to be taken whole
 * or not at all.
 *
 * @throws Error when a line is none of an archive.
 */
export async function readArchive(
  path: string,
  visit: (item: ReadItem, rows: AsyncIterable<Uint8Array>) => Promise<void>,
): Promise<void> {
  const { ArchiveItemSchema } = await import('./archive-item-schema.ts')
  const lines = readLines(path)
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    const item = ArchiveItemSchema.parse(JSON.parse(next.value.toString('utf8')))
    const rows = item.item === 'rows' ? takeRows(lines) : takeNothing()
    await visit(item, rows)
    for await (const _ of rows);
  }
}

async function* takeNothing(): AsyncGenerator<Uint8Array> {}

const PART_BYTES = 64 * 1024

async function* takeRows(lines: AsyncGenerator<Buffer>): AsyncGenerator<Uint8Array> {
  let parts: Buffer[] = []
  let sizeBytes = 0
  for (let next = await lines.next(); next.done !== true; next = await lines.next()) {
    if (next.value.toString('latin1') === END_OF_ROWS) break
    parts.push(next.value, LINE_END)
    sizeBytes += next.value.length + 1
    if (sizeBytes < PART_BYTES) continue
    yield Buffer.concat(parts)
    parts = []
    sizeBytes = 0
  }
  if (parts.length > 0) yield Buffer.concat(parts)
}

const LINE_END = Buffer.from('\n')

/** Without their ends; not by `readline`, which ends lines at other characters too. */
async function* readLines(path: string): AsyncGenerator<Buffer> {
  let rest: Buffer[] = []
  for await (const part of createReadStream(path).pipe(createGunzip())) {
    const bytes: Buffer = part
    let from = 0
    for (let at = bytes.indexOf(10); at !== -1; at = bytes.indexOf(10, from)) {
      yield Buffer.concat([...rest, bytes.subarray(from, at)])
      rest = []
      from = at + 1
    }
    if (from < bytes.length) rest.push(bytes.subarray(from))
  }
  if (rest.length > 0) yield Buffer.concat(rest)
}
