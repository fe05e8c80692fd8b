import type { Span } from '../text/span.ts'
import type { SqlStatement } from './statement.ts'
import { tokens } from './tokens.ts'

/** A `$1` in a statement. */
export interface ParameterUse extends Span {
  readonly name: string
}

/**
 * Lists the parameters (`$1`) that a statement uses, in their order; bodies of functions are strings and have
 * none.
 *
 * @example listParameters('SELECT $1', scanSql('SELECT $1').statements[0])[0].name // '$1'
 */
export function listParameters(
  text: string,
  { codeStart, codeEnd }: Pick<SqlStatement, 'codeStart' | 'codeEnd'>,
): readonly ParameterUse[] {
  const uses: ParameterUse[] = []
  for (const { kind, start, end } of tokens(text, { start: codeStart, end: codeEnd })) {
    if (kind === 'parameter') uses.push({ name: text.slice(start, end), start, end })
  }
  return uses
}

/**
 * Gives the text of a statement with the smallest and the largest key of a table in place of its bounds: as if
 * the whole table were one batch.
 *
 * @example withWholeRange('SELECT $1', scanSql('SELECT $1').statements[0], { table: 'a', column: 'id' }) // 'SELECT (SELECT id FROM a WHERE id IS NOT NULL ORDER BY id ASC LIMIT 1)'
 */
export function withWholeRange(
  text: string,
  statement: SqlStatement,
  { table, column }: { readonly table: string; readonly column: string },
): string {
  let written = ''
  let at = statement.codeStart
  for (const { name, start, end } of listParameters(text, statement)) {
    const order = name === '$1' ? 'ASC' : 'DESC'
    written += `${text.slice(at, start)}(SELECT ${column} FROM ${table} WHERE ${column} IS NOT NULL ORDER BY ${column} ${order} LIMIT 1)`
    at = end
  }
  return written + text.slice(at, statement.codeEnd)
}

/**
 * Tells whether statements use the bounds of a batch. A `@down` may, and is an ordinary one when it does not.
 *
 * @example usesBounds('SELECT $1', scanSql('SELECT $1').statements) // true
 */
export function usesBounds(text: string, statements: readonly SqlStatement[]): boolean {
  return statements.some((statement) => listParameters(text, statement).length > 0)
}
