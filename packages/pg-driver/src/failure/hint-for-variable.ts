import { type MigrationHeader, suggest, tokens } from '@tidemark/core'
import type { ServerError } from '../connection/sql-state.ts'

/** A name behind a `:` that is neither that of a cast nor of a slice of an array. */
interface Reference {
  readonly name: string
  readonly isQuoted: boolean
}

/**
 * Explains a syntax error in a file with `Variables` whose statement has a `:name`: it is not replaced where the name
 * is not declared, or has no quotes.
 *
 * @returns undefined where there is none.
 */
export function hintForVariable(
  { routine }: ServerError,
  text: string,
  { variables = [] }: Pick<MigrationHeader, 'variables'>,
): string | undefined {
  if (variables.length === 0 || routine !== 'scanner_yyerror') return undefined
  const names = variables.map(({ name }) => name)
  const left = [...listReferences(text)].find(({ name, isQuoted }) => !isQuoted || !names.includes(name))
  if (left === undefined) return undefined
  const { name } = left
  const forms = `:'${name}' for a value, :"${name}" for a name`
  if (names.includes(name)) return `":${name}" is not replaced: write ${forms}`
  const near = suggest(name, names)
  return `"${name}" is not a variable of this file: ${near === undefined ? `add it to "Variables" in the header, and write ${forms}` : `did you mean "${near}"?`}`
}

function* listReferences(text: string): Generator<Reference> {
  let behind = -1
  for (const { kind, start, end } of tokens(text)) {
    const word = text.slice(start, end)
    if (start === behind) {
      const isQuoted = kind === 'string' || kind === 'quoted_word'
      if (isQuoted || kind === 'word') yield { name: isQuoted ? word.slice(1, -1) : word, isQuoted }
    }
    behind = word === ':' && /[\s(,]/.test(text[start - 1] ?? ' ') ? end : -1
  }
}
