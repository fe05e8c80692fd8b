import { type MigrationHeader, suggest } from '@tidemark/core'
import type { ServerError } from '../connection/sql-state.ts'

/** A `:` that is not that of a cast, and the name behind it. */
const REFERENCE = /(?<!:):(?:'(\w+)'|"(\w+)"|([a-z_]\w*))/gi
/** The colon in the quotes of any language. */
const AT_COLON = /["'«»„“”‹›]:["'«»“”‹›]/

/**
 * Explains a syntax error at a `:` in a file with `Variables`: it is not replaced where its name is not declared,
 * or has no quotes.
 *
 * @returns undefined for another syntax error.
 */
export function hintForVariable(
  { message, routine }: ServerError,
  text: string,
  { variables = [] }: Pick<MigrationHeader, 'variables'>,
): string | undefined {
  if (variables.length === 0 || routine !== 'scanner_yyerror' || !AT_COLON.test(message)) return undefined
  const names = variables.map(({ name }) => name)
  for (const [, literal, identifier, bare] of text.matchAll(REFERENCE)) {
    const name = literal ?? identifier ?? bare ?? ''
    const isDeclared = names.includes(name)
    if (isDeclared && bare === undefined) continue
    if (isDeclared) return `":${name}" is not replaced: write :'${name}' for a value, :"${name}" for a name`
    const near = suggest(name, names)
    const declare = `"${name}" is not a variable of this file: add it to "Variables" in the header, and write :'${name}' for a value, :"${name}" for a name`
    return near === undefined ? declare : `"${name}" is not a variable of this file: did you mean "${near}"?`
  }
  return undefined
}
