import type { Span } from './span.ts'

/**
 * A text with the name under which people know it. The text is normalised: no BOM, LF line ends.
 * `path` uses `/` on every platform and is what messages print.
 */
export interface SourceFile {
  readonly path: string
  readonly text: string
  /** Of a text whose variables have their values: the file that it was made from. */
  readonly origin?: SourceOrigin
}

/** Where a text with values comes from: what is shown is the file, never the values. */
export interface SourceOrigin {
  readonly source: SourceFile
  /** The place in the file of a place in the text. */
  toOffset(offset: number): number
  /** The secret values in the text, each with what stands in the file: what the server says is masked by them. */
  readonly secrets: ReadonlyMap<string, string>
}

/**
 * Gives a place in a text as it may be shown: in the file that the text was made from.
 *
 * @example shownPlace(migration.source, migration.up.marker).span === migration.up.marker // true
 */
export function shownPlace(
  source: SourceFile,
  span: Span,
): { readonly source: SourceFile; readonly span: Span } {
  const { origin } = source
  if (origin === undefined) return { source, span }
  return {
    source: origin.source,
    span: { start: origin.toOffset(span.start), end: origin.toOffset(span.end) },
  }
}
