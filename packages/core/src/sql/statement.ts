import type { Span } from '../text/span.ts'

/**
 * One statement as the scanner cuts it. Statements tile the text: `statements.map(s => text.slice(s.start,
 * s.end)).join('') === text`, so white space and comments before a statement belong to it, and those after
 * the last one to a final entry without code. A marker's line is an entry of its own, without code.
 */
export interface SqlStatement extends Span {
  /**
   * Offset of the first token; equal to `codeEnd` when there is no token at all. A lone `;` is a token: see
   * `hasCode`.
   */
  readonly codeStart: number
  /** Offset after the last token, the `;` included. */
  readonly codeEnd: number
  /** True when a `;` (or COPY data) ended it; false at the end of the text or before a marker. */
  readonly terminated: boolean
  /** The inline data of `COPY … FROM stdin;`, without the closing `\.` line. */
  readonly copyData?: Span
}

/**
 * A whole-line comment `-- @name` outside of every string, quoted identifier, dollar-quoted body and block
 * comment.
 */
export interface SqlMarker extends Span {
  /** The word after `@`, lower case. */
  readonly name: string
  /**
   * Its place: `inside` means in open parentheses or in a BEGIN ATOMIC body, which is an error for known
   * names.
   */
  readonly place: 'top' | 'inside'
  /** Its whole line, the line break included; the span itself is the comment alone. */
  readonly line: Span
}

/**
 * A comment that begins like a marker but is none: text follows the word, code comes before it on its line,
 * or it is written `-- @ name` or `--- @name`.
 */
export interface LooseMarker extends Span {
  /** The word after `@`, lower case. */
  readonly name: string
  readonly reason: 'text_after' | 'code_before' | 'misspelt'
}

/** What may be left open at the end of a text. */
export type UnterminatedKind =
  | 'string'
  | 'identifier'
  | 'dollar_quote'
  | 'comment'
  | 'copy_data'
  | 'parenthesis'
  | 'atomic_body'

/** Something that the scanner could not read as SQL; the span is the opening of what never ends. */
export type ScanProblem =
  | { readonly kind: 'unterminated'; readonly what: UnterminatedKind; readonly span: Span }
  /** The first NUL character: PostgreSQL can neither receive nor store one. */
  | { readonly kind: 'nul'; readonly span: Span }
  /** Code on the line of a `COPY … FROM stdin;`, where data must begin on the next line. */
  | { readonly kind: 'code_after_copy'; readonly span: Span }

/**
 * A backslash outside of every string: a psql meta-command such as `\restrict x`, up to the end of its line.
 */
export interface PsqlLine extends Span {
  /** The word after the backslash, such as `restrict`; empty when no letter follows. */
  readonly command: string
  /** `between` statements, where psql reads it too, or `inside` one, where the server would get it. */
  readonly place: 'between' | 'inside'
}

/** What one pass over a text finds. */
export interface SqlScan {
  readonly statements: readonly SqlStatement[]
  readonly markers: readonly SqlMarker[]
  /** Empty unless markers were asked for. */
  readonly looseMarkers: readonly LooseMarker[]
  readonly psqlLines: readonly PsqlLine[]
  /** In the order of their places. */
  readonly problems: readonly ScanProblem[]
}
