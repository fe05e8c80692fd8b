import { type CsvFormat, CsvQuotes } from '../sql/csv-quotes.ts'

const LF = 10
const BACKSLASH = 0x5c

/** Where the data of a COPY ended. */
export interface CopyEnd {
  /** What was read and belongs to the next statement. */
  readonly rest: Buffer
  /** Length of the data and of the line that ends it. */
  readonly sizeBytes: number
  /** False when the file ended first. */
  readonly closed: boolean
}

/**
 * Yields the data of a COPY as it is read, up to the line that is exactly `\.`; see `readCopyData`, which
 * does the same in a text. A piece is valid until the next is asked for.
 *
 * @returns where it ended.
 */
export async function* readCopyBytes(
  first: Buffer,
  more: AsyncIterator<Buffer>,
  format: CsvFormat | undefined,
): AsyncGenerator<Buffer, CopyEnd> {
  const quotes = format === undefined ? undefined : new CsvQuotes(format)
  let bytes = first
  let startsLine = true
  let sizeBytes = 0
  for (;;) {
    const found = findEnd(bytes, startsLine, quotes)
    if (found.kind === 'end') {
      if (found.at > 0) yield bytes.subarray(0, found.at)
      const next = Math.min(bytes.length, found.at + 3)
      return { rest: bytes.subarray(next), sizeBytes: sizeBytes + next, closed: true }
    }
    if (found.at > 0) {
      yield bytes.subarray(0, found.at)
      startsLine = bytes[found.at - 1] === LF
      sizeBytes += found.at
    }
    // A copy: what was read before is overwritten by what comes next.
    const held = Buffer.from(bytes.subarray(found.at))
    const chunk = await more.next()
    if (chunk.done === true) return atEnd(held, startsLine && quotes?.isOpen !== true, sizeBytes)
    bytes = held.length === 0 ? chunk.value : Buffer.concat([held, chunk.value])
  }
}

/** `held` is empty, or what may be the end: `\` or `\.` at the start of a line. */
function atEnd(held: Buffer, mayClose: boolean, sizeBytes: number): CopyEnd {
  const closed = mayClose && held.length === 2
  return { rest: Buffer.alloc(0), sizeBytes: sizeBytes + held.length, closed }
}

/** `end`: the line `\.` begins there; `held`: what follows cannot be decided without more bytes. */
function findEnd(
  bytes: Buffer,
  startsLine: boolean,
  quotes: CsvQuotes | undefined,
): { readonly kind: 'end' | 'held'; readonly at: number } {
  let followed = 0
  const isFirst = (at: number) => (at === 0 ? startsLine : bytes[at - 1] === LF)
  for (let at = bytes.indexOf('\\.'); at >= 0; at = bytes.indexOf('\\.', at + 2)) {
    if (!isFirst(at)) continue
    if (at + 2 === bytes.length) {
      quotes?.follow(bytes, followed, at)
      return { kind: 'held', at }
    }
    if (bytes[at + 2] !== LF) continue
    quotes?.follow(bytes, followed, at)
    followed = at
    if (quotes?.isOpen !== true) return { kind: 'end', at }
  }
  const last = bytes.length - 1
  const end = last >= 0 && bytes[last] === BACKSLASH && isFirst(last) ? last : bytes.length
  quotes?.follow(bytes, followed, end)
  return { kind: 'held', at: end }
}
