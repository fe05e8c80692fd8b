import type { Span } from '@tidemark/core'

/** Puts `text` where `start` to `end` was. */
export interface TextEdit extends Span {
  readonly text: string
}

/**
 * Applies edits to a part of a text. Everything outside of them stays byte for byte. Edits inside an earlier
 * one are ignored.
 *
 * @example applyEdits('a; b', { start: 0, end: 4 }, [{ start: 0, end: 2, text: '' }]) // ' b'
 */
export function applyEdits(text: string, { start, end }: Span, edits: readonly TextEdit[]): string {
  const parts: string[] = []
  let at = start
  for (const edit of [...edits].sort((a, b) => a.start - b.start || a.end - b.end)) {
    if (edit.start < at || edit.end > end) continue
    parts.push(text.slice(at, edit.start), edit.text)
    at = edit.end
  }
  parts.push(text.slice(at, end))
  return parts.join('')
}

/** Removes a span, and its line with it when nothing else is on it. */
export function removal(text: string, span: Span): TextEdit {
  const before = text.lastIndexOf('\n', span.start - 1) + 1
  const found = text.indexOf('\n', span.end)
  const after = found === -1 ? text.length : found + 1
  const isAlone = text.slice(before, span.start).trim() === '' && text.slice(span.end, after).trim() === ''
  return isAlone ? { start: before, end: after, text: '' } : { ...span, text: '' }
}
