import {
  type Migration,
  readStatementFacts,
  type StatementEffects,
  type StatementFacts,
  tokens,
} from '@tidemark/core'
import type { Node } from 'libpg-query'
import type { SqlParser } from '../tree/parser.ts'

/** The text of a statement of an `@up`, and what it says. */
export interface StatementText {
  /** Its place in the section, from 0. */
  readonly place: number
  readonly text: string
  readonly facts: StatementFacts
  /** Undefined where it is no SQL of the parser's version. Parsed when it is first asked for. */
  tree(): Node | undefined
  /** Every name in it, those in its strings included. */
  words(): ReadonlySet<string>
}

/** A statement and what it did. */
export interface LintStatement extends StatementText {
  readonly effects: StatementEffects
}

/** Reads the statements of an `@up`; those of a file over 16 MiB are not looked at. */
export function readStatementTexts(
  { source, up, large }: Migration,
  parser: SqlParser,
): readonly StatementText[] {
  if (large !== undefined) return []
  return up.statements.map((statement, place) => {
    const text = source.text.slice(statement.codeStart, statement.codeEnd)
    return {
      place,
      text,
      facts: readStatementFacts(source.text, statement),
      tree: once(() => parser.parse(text)),
      words: once(() => readWords(text)),
    }
  })
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => {
    made ??= { value: make() }
    return made.value
  }
}

const WORD = /"((?:[^"]|"")+)"|([\p{L}_][\p{L}\p{N}_$]*)/gu

/** Names as the server would read them, code in strings included. */
export function readWords(text: string): ReadonlySet<string> {
  const words = new Set<string>()
  for (const { kind, start, end } of tokens(text)) {
    if (kind === 'line_comment' || kind === 'block_comment') continue
    for (const [, quoted, plain] of text.slice(start, end).matchAll(WORD)) {
      words.add(quoted?.replaceAll('""', '"') ?? plain?.toLowerCase() ?? '')
      // `format('… %I', 'Order')` names it as it is written.
      if (plain !== undefined && kind !== 'word') words.add(plain)
    }
  }
  return words
}

/** Gives the place of the first statement that has all of some names. */
export function findStatement(
  statements: readonly Pick<StatementText, 'place' | 'words'>[],
  names: readonly string[],
): number | null {
  return statements.find(({ words }) => names.every((name) => words().has(name)))?.place ?? null
}
