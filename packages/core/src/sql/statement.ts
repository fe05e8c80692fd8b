import type { Span } from '../text/span.ts'

/**
 * One statement as the scanner cuts it. Statements tile the text: `statements.map(s => text.slice(s.start, s.end)).join('') === text`,
 * so white space and comments before a statement belong to it, and those after the last one to a final entry without code.
 */
export interface SqlStatement extends Span {
  /** Offset of the first token; equal to `codeEnd` when there is no token at all. */
  readonly codeStart: number
  /** Offset after the last token, the `;` included. */
  readonly codeEnd: number
  /** True when a `;` (or COPY data) ended it; false at the end of the text or before a marker. */
  readonly terminated: boolean
  /** The inline data of `COPY … FROM stdin;`, without the closing `\.` line. */
  readonly copyData?: Span
}

/** A whole-line comment `-- @name` at the top level. */
export interface SqlMarker extends Span {
  /** The word after `@`, lower case. */
  readonly name: string
  /** Where it stands: `inside` means in open parentheses or in a BEGIN ATOMIC body, which is an error for known names. */
  readonly place: 'top' | 'inside'
}

/** Something that the scanner could not read as SQL; the span is the opening of what never ends. */
export type ScanProblem =
  | {
      readonly kind: 'unterminated'
      readonly what:
        | 'string'
        | 'identifier'
        | 'dollar_quote'
        | 'comment'
        | 'copy_data'
        | 'parenthesis'
        | 'atomic_body'
      readonly span: Span
    }
  | { readonly kind: 'nul'; readonly span: Span }

/** A line that starts with a backslash between statements: a psql meta-command such as `\restrict x`. */
export interface PsqlLine extends Span {
  /** The word after the backslash, such as `restrict`. */
  readonly command: string
}

/** What one pass over a text finds. */
export interface SqlScan {
  readonly statements: readonly SqlStatement[]
  readonly markers: readonly SqlMarker[]
  readonly psqlLines: readonly PsqlLine[]
  readonly problems: readonly ScanProblem[]
}
