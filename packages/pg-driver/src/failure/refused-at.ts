import {
  codeFrame,
  type Diagnostic,
  lineAndColumn,
  maskText,
  refusedError,
  type TidemarkError,
} from '@tidemark/core'

/** Makes the failure of a step whose file is refused: with its place, and the line without its secrets. */
export function refusedAt(found: Diagnostic): TidemarkError {
  const { source, span } = found
  const error = refusedError([found])
  if (source === undefined || span === undefined) return error
  const masked = maskText(source.text)
  const shown = { start: masked.mapOffset(span.start), end: masked.mapOffset(span.end) }
  return error.with({
    location: { path: source.path, ...lineAndColumn(source, span.start) },
    frame: codeFrame(masked.text, shown, { look: 'marked', linesBefore: 1 }),
  })
}
