import { codeFrame } from '../text/code-frame.ts'
import { LineIndex } from '../text/line-index.ts'
import type { SourceFile } from '../text/source-file.ts'
import type { Span } from '../text/span.ts'
import { visibleText } from '../text/visible-text.ts'
import type { Diagnostic, RelatedPlace } from './diagnostic.ts'

/** How {@link formatDiagnostic} draws. */
export interface FormatDiagnosticOptions {
  /** The most cells of code a frame shows of a line. Default 100. */
  readonly maxWidth?: number
  /** Wraps a word in colour; by default text stays plain. */
  readonly paint?: (text: string, role: 'error' | 'warning' | 'note' | 'help' | 'frame') => string
}

/**
 * Renders a diagnostic as text: place, severity, code, message, then the line with carets, the detail, the
 * help, and related places. What a terminal would obey or hide is drawn as `�`. Lines and columns are
 * 1-based, columns in code points. No line break at the end; without `paint` no colour.
 *
 * @example
 * console.error(formatDiagnostic(diagnostic))
 * // migrations/007_add_orders.sql:4:17 error TM2002: depends on "005_users", which does not exist
 * // 4 | -- Depends on: [005_users]
 * //   |                 ^^^^^^^^^
 * // help: did you mean "005_user"?
 */
export function formatDiagnostic(diagnostic: Diagnostic, options: FormatDiagnosticOptions = {}): string {
  const { code, severity, message, source, span, help, detail, related = [] } = diagnostic
  const paint = options.paint ?? ((text) => text)
  const heading = `${paint(`${severity} ${code}`, severity)}: ${visibleText(message)}`
  const place = source === undefined ? '' : `${formatPlace(source, span)} `
  const lines = [`${place}${heading}`]
  if (source !== undefined && span !== undefined) lines.push(paint(frame(source, span, options), 'frame'))
  if (detail !== undefined) lines.push(visibleText(detail))
  if (help !== undefined) lines.push(`${paint('help', 'help')}: ${visibleText(help)}`)
  for (const other of related) lines.push(...formatRelated(other, options))
  return lines.join('\n')
}

function formatRelated(related: RelatedPlace, options: FormatDiagnosticOptions): string[] {
  const { source, span, message } = related
  return [`${formatPlace(source, span)} note: ${visibleText(message)}`, frame(source, span, options)]
}

function formatPlace(source: SourceFile, span: Span | undefined): string {
  const path = visibleText(source.path).replaceAll('\n', '\ufffd')
  if (span === undefined) return path
  const { line, column } = lineIndexOf(source).positionAt(span.start)
  return `${path}:${line}:${column}`
}

function frame(source: SourceFile, span: Span, { maxWidth = 100 }: FormatDiagnosticOptions): string {
  return codeFrame(source.text, span, { maxWidth, lines: lineIndexOf(source) })
}

/** Many diagnostics may be of one large file: its lines are found once. */
const lineIndexes = new WeakMap<SourceFile, LineIndex>()

function lineIndexOf(source: SourceFile): LineIndex {
  const known = lineIndexes.get(source)
  if (known !== undefined) return known
  const lines = new LineIndex(source.text)
  lineIndexes.set(source, lines)
  return lines
}
