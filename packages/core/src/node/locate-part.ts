import type { LargePart, LocatedPart } from '../migration/model/large-content.ts'
import type { SourceFile } from '../text/source-file.ts'
import type { DisplayPath } from './find-sql-files.ts'
import { readNormalized } from './normalized-bytes.ts'

const LF = 10
/** How much of the line in which a part begins is shown before it. */
const MAX_PREFIX_BYTES = 64 * 1024

/** Finds the line in which a part of a large file begins, by reading up to it. */
export async function locatePart(
  { source, startBytes }: LargePart,
  path: string,
  display: DisplayPath,
): Promise<LocatedPart> {
  let lines = 0
  let left = startBytes
  let prefix = Buffer.alloc(0)
  for await (const chunk of readNormalized(path, display)) {
    const bytes = chunk.subarray(0, left)
    left -= bytes.length
    lines += countLines(bytes)
    const lineStart = bytes.lastIndexOf(LF) + 1
    prefix = lineStart > 0 ? Buffer.from(bytes.subarray(lineStart)) : Buffer.concat([prefix, bytes])
    if (prefix.length > MAX_PREFIX_BYTES) prefix = Buffer.alloc(0)
    if (left === 0) break
  }
  const before = `${'\n'.repeat(lines)}${prefix.toString('utf8')}`
  return { source: { path: source.path, text: before + source.text }, shift: before.length }
}

/** Reads one line, 1-based, into a text in which it has the same number. */
export async function readLineOf(path: string, display: DisplayPath, line: number): Promise<SourceFile> {
  let lines = 0
  let text = ''
  for await (const bytes of readNormalized(path, display)) {
    const count = countLines(bytes)
    if (lines + count >= line - 1) {
      let start = 0
      for (; lines < line - 1; lines += 1) start = bytes.indexOf(LF, start) + 1
      text += bytes.subarray(start, start + MAX_PREFIX_BYTES).toString('utf8')
      if (text.includes('\n') || text.length > MAX_PREFIX_BYTES) break
    } else lines += count
  }
  const [first = ''] = text.split('\n', 1)
  return { path: display(path), text: '\n'.repeat(line - 1) + first }
}

function countLines(bytes: Buffer): number {
  let count = 0
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count += 1
  return count
}
