import { isMarkerWord, isSectionName, type Span, scanSql } from '@tidemark/core'
import type { TextEdit } from './text-edits.ts'

/** A comment of the original that would be read as a section marker, and the edit that prevents it. */
export interface EscapedMarker extends Span {
  readonly edit: TextEdit
}

/**
 * Finds comments such as `-- @down` that mean something else in the original: `-- \@down` is a comment in
 * every tool. Those in strings, function bodies and block comments are no markers and stay.
 */
export function escapeMarkers(text: string, span: Span): readonly EscapedMarker[] {
  const part = text.slice(span.start, span.end)
  if (!/--[-\s]*@/.test(part)) return []
  const { markers, looseMarkers } = scanSql(part, { markers: isMarkerWord })
  const found = [...markers, ...looseMarkers.filter(({ name }) => isSectionName(name))]
  return found.map((marker) => {
    const start = marker.start + span.start
    const at = text.indexOf('@', start)
    return { start, end: marker.end + span.start, edit: { start: at, end: at, text: '\\' } }
  })
}
