import { codePointToOffset, type SourceFile, type Span } from '@tidemark/core'
import type { ServerError } from '../connection/sql-state.ts'
import { locateCopyLine, readCopyPlace } from './locate-copy.ts'

/** Which part of a file a message carried. */
export interface SentStatement {
  readonly source: SourceFile
  readonly span: Span
  /** Text that was sent before the statement's own, in the same message or around it in an internal query. */
  readonly prefix?: string
  /**
   * Text of ours that was sent before the statement in the same message; positions count from its beginning.
   */
  readonly lead?: string
  /** The inline data that followed it. */
  readonly copyData?: Span
}

/**
 * Finds where in the file a server's error belongs. PostgreSQL counts code points from 1, over the message
 * that was sent; this is the only place that turns them into offsets. In order: the position; an internal
 * query (of `DO`, a function) that occurs exactly once in the statement; a line of COPY data; the statement
 * itself, since errors of execution carry no position.
 *
 * @returns the token the position points at, or the statement's span.
 */
export function locateError(error: ServerError, sent: SentStatement): Span {
  return locatePosition(error, sent) ?? locateInternal(error, sent) ?? locateData(error, sent) ?? sent.span
}

function locateData({ where }: ServerError, { source, copyData }: SentStatement): Span | undefined {
  const place = copyData === undefined ? undefined : readCopyPlace(where)
  return copyData === undefined || place === undefined ? undefined : locateCopyLine(source, copyData, place)
}

function locatePosition(error: ServerError, sent: SentStatement): Span | undefined {
  if (error.position === undefined || sent.prefix !== undefined) return undefined
  const { lead = '', source, span } = sent
  const text = lead + source.text.slice(span.start, span.end)
  const offset = codePointToOffset(text, Number(error.position)) - lead.length
  return offset < 0 ? undefined : tokenAt(sent, span.start + offset)
}

function locateInternal(error: ServerError, sent: SentStatement): Span | undefined {
  const { internalPosition, internalQuery } = error
  if (internalPosition === undefined || internalQuery === undefined) return undefined
  const offset = codePointToOffset(internalQuery, Number(internalPosition))
  const { start, end } = sent.span
  const statement = sent.source.text.slice(start, end)
  const prefix = sent.prefix ?? ''
  if (prefix !== '' && internalQuery.startsWith(prefix)) {
    return offset < prefix.length ? undefined : tokenAt(sent, start + offset - prefix.length)
  }
  const at = statement.indexOf(internalQuery)
  const isUnique = at >= 0 && statement.indexOf(internalQuery, at + 1) < 0
  return isUnique ? tokenAt(sent, start + at + offset) : undefined
}

const TOKEN = /[\p{L}\p{N}_$]+|"[^"\n]*"|'[^'\n]*'|./uy

function tokenAt(sent: SentStatement, start: number): Span {
  const { text } = sent.source
  if (start >= sent.span.end) return { start: sent.span.end, end: sent.span.end }
  TOKEN.lastIndex = start
  return { start, end: Math.min(sent.span.end, start + (TOKEN.exec(text)?.[0].length ?? 1)) }
}
