import { Lexer } from '../../sql/lexer.ts'
import type { Span } from '../../text/span.ts'

/** A place where a variable's value goes: `:'name'` as a string, `:"name"` as an identifier. */
export interface VariableReference extends Span {
  readonly name: string
  readonly form: 'literal' | 'identifier'
}

/**
 * Finds where SQL uses variables in psql's forms `:'name'` and `:"name"`: outside strings, comments and
 * dollar quotes, and only the names that are declared. A cast (`::"name"`) is none.
 * https://www.postgresql.org/docs/current/app-psql.html#APP-PSQL-INTERPOLATION
 *
 * @example [...findReferences("SELECT :'who'", { start: 0, end: 13 }, new Set(['who']))].length // 1
 */
export function* findReferences(
  text: string,
  span: Span,
  names: ReadonlySet<string>,
): Generator<VariableReference> {
  const lexer = new Lexer(text, span.start, span.end)
  let colon = -1
  while (lexer.next()) {
    const { start, end, kind } = lexer
    const isQuoted = kind === 'string' || kind === 'quoted_word'
    const name = text.slice(start + 1, end - 1)
    if (isQuoted && start === colon && lexer.closed && names.has(name)) {
      yield { start: start - 1, end, name, form: kind === 'string' ? 'literal' : 'identifier' }
    }
    colon = kind === 'punctuation' && end === start + 1 && text[start] === ':' ? end : -1
  }
}
