import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { createWriteStream } from 'node:fs'

/** A shape of file: `write` gives the text of rows `from` up to `from + count`. */
export interface LargeFileShape {
  readonly name: string
  readonly write: (from: number, count: number) => string
  /** psql takes minutes for it, so it is measured when it is named. */
  readonly isSlow?: true
}

const TABLE = 'CREATE TABLE big (id int, name text, body text);\n'
const bodyOf = (id: number) => createHash('md5').update(String(id)).digest('hex').repeat(3)
const rows = (from: number, count: number, row: (id: number) => string, between: string) =>
  Array.from({ length: count }, (_, index) => row(from + index)).join(between)

/** What a seed file may look like. */
export const LARGE_FILES: readonly LargeFileShape[] = [
  {
    name: 'copy',
    write: (from, count) =>
      `${from === 0 ? 'COPY big FROM stdin;\n' : ''}${rows(from, count, (id) => `${id}\tname ${id}\t${bodyOf(id)}`, '\n')}\n`,
  },
  {
    name: 'inserts_of_500_rows',
    write: (from, count) =>
      `INSERT INTO big VALUES\n${rows(from, count, (id) => `(${id}, 'name ${id}', '${bodyOf(id)}')`, ',\n')};\n`,
  },
  {
    name: 'inserts_of_one_row',
    isSlow: true,
    write: (from, count) =>
      rows(from, count, (id) => `INSERT INTO big VALUES (${id}, 'name ${id}', '${bodyOf(id)}');\n`, ''),
  },
]

/** Writes a migration of about this size. */
export async function writeLargeFile(
  path: string,
  sizeBytes: number,
  write: LargeFileShape['write'],
): Promise<void> {
  const file = createWriteStream(path)
  file.write(`-- @up\n${TABLE}`)
  let written = 0
  for (let from = 0; written < sizeBytes; from += 500) {
    const text = write(from, 500)
    written += text.length
    if (!file.write(text)) await once(file, 'drain')
  }
  file.end(write === LARGE_FILES[0]?.write ? '\\.\n' : '')
  await once(file, 'close')
}
