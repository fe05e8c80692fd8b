import type { SourceFile, Span } from '@tidemark/core'

/** Where in the data of a COPY the server found an error. */
export interface CopyPlace {
  /** From 1, of the data alone; CSV counts the lines inside quotes too, and names a row by its last line. */
  readonly line: number
  /** The field's text as the server read it; it may be cut short. */
  readonly value: string | undefined
}

const CONTEXT =
  /^COPY [^\n]*?, \D*?(\d+)(?:[^\n"«»„“”「『]*: ?["«»„“「『]\s?([\s\S]*?)(\.\.\.)?\s?["«»“”」』])?$/m

/**
 * Reads the context line that COPY adds to errors, in whatever language the server speaks:
 * `COPY t, line 2, column b: "x"`.
 *
 * @example readCopyPlace('COPY t, line 2, column b: "x"') // { line: 2, value: 'x' }
 */
export function readCopyPlace(where: string | undefined): CopyPlace | undefined {
  const found = CONTEXT.exec(where ?? '')
  return found === null ? undefined : { line: Number(found[1]), value: found[2] }
}

/**
 * Finds a line of inline data in its file: the field where it occurs there once as the server read it, else
 * the line. Undefined when the data has no such line.
 */
export function locateCopyLine(source: SourceFile, data: Span, place: CopyPlace): Span | undefined {
  let start = data.start
  for (let line = 1; line < place.line; line += 1) {
    const end = source.text.indexOf('\n', start)
    if (end < 0 || end + 1 > data.end) return undefined
    start = end + 1
  }
  const lineEnd = source.text.indexOf('\n', start)
  const end = lineEnd < 0 || lineEnd > data.end ? data.end : lineEnd
  return findValue(source.text.slice(start, end), start, place.value) ?? { start, end }
}

function findValue(text: string, start: number, value: string | undefined): Span | undefined {
  if (value === undefined || value === '') return undefined
  const at = text.indexOf(value)
  if (at < 0 || text.indexOf(value, at + 1) >= 0) return undefined
  return { start: start + at, end: start + at + value.length }
}
