import { type Migration, withWholeRange } from '@tidemark/core'
import { bindForShadow } from '../../prefix/for-shadow.ts'

/** The sections that make and take back. */
export type Direction = 'up' | 'down'

/** A statement of a section as it is sent. */
export interface SectionStatement {
  /** Its place in the section, from 0. */
  readonly place: number
  readonly text: string
  /** The data of a `COPY … FROM STDIN`. */
  readonly copyData?: Iterable<string> | AsyncIterable<Uint8Array>
}

/**
 * Reads the statements of a section, with the values of variables, as they run in a shadow: what runs in batches
 * runs once, over all rows.
 */
export async function* readStatements(
  migration: Migration,
  direction: Direction,
): AsyncGenerator<SectionStatement> {
  const bound = bindForShadow(migration)
  if (direction === 'up' && bound.large !== undefined) {
    for await (const { index, part, statement, copyData } of bound.large.readUp()) {
      const text = part.source.text.slice(statement.codeStart, statement.codeEnd)
      yield { place: index, text, ...(copyData !== undefined && { copyData }) }
    }
    return
  }
  const { text } = bound.source
  const { batches } = bound.header
  for (const [place, statement] of (bound[direction]?.statements ?? []).entries()) {
    const { codeStart, codeEnd, copyData } = statement
    const data = copyData === undefined ? {} : { copyData: [text.slice(copyData.start, copyData.end)] }
    const sent =
      batches === undefined ? text.slice(codeStart, codeEnd) : withWholeRange(text, statement, batches)
    yield { place, text: sent, ...data }
  }
}
