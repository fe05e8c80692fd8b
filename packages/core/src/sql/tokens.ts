import type { Span } from '../text/span.ts'
import { Lexer, type TokenKind } from './lexer.ts'

/** One token of a text. Comments and psql lines are tokens, white space is not. */
export interface Token extends Span {
  readonly kind: TokenKind
}

/**
 * Yields the tokens of a text, or of a part of it that begins and ends between tokens, by PostgreSQL's rules.
 * Data of a COPY is not SQL: give the span of a statement's code.
 *
 * @example [...tokens("SELECT 'a'")] // [{ kind: 'word', start: 0, end: 6 }, { kind: 'string', start: 7, end: 10 }]
 */
export function* tokens(text: string, span: Span = { start: 0, end: text.length }): Generator<Token> {
  const lexer = new Lexer(text, span.start, span.end)
  while (lexer.next()) yield { kind: lexer.kind, start: lexer.start, end: lexer.end }
}
