import { Lexer } from './lexer.ts'
import { scanSql } from './scan.ts'
import type { SqlStatement } from './statement.ts'

/**
 * Tells whether two texts mean the same to PostgreSQL whatever the database holds: their tokens are equal,
 * comments and white space aside. Keywords and unquoted identifiers fold ASCII case as the server does;
 * literals, quoted identifiers and COPY data are equal only character by character. `false` may be cautious,
 * `true` never is.
 *
 * @example sameTokens('select 1 -- one', 'SELECT\n1') // true
 */
export function sameTokens(a: string, b: string): boolean {
  if (a === b) return true
  const left = listCode(a)
  const right = listCode(b)
  if (left.length !== right.length) return false
  return left.every((statement, index) => {
    const other = right[index]
    return other !== undefined && sameCode(a, statement, b, other) && sameCopyData(a, statement, b, other)
  })
}

function listCode(text: string): readonly SqlStatement[] {
  return scanSql(text).statements.filter((statement) => statement.codeEnd > statement.codeStart)
}

function sameCode(a: string, left: SqlStatement, b: string, right: SqlStatement): boolean {
  const one = new Lexer(a, left.codeStart, left.codeEnd)
  const two = new Lexer(b, right.codeStart, right.codeEnd)
  for (;;) {
    const hasOne = nextCode(one)
    const hasTwo = nextCode(two)
    if (!hasOne || !hasTwo) return hasOne === hasTwo
    if (!sameToken(one, two)) return false
  }
}

function nextCode(lexer: Lexer): boolean {
  while (lexer.next()) {
    if (lexer.kind !== 'line_comment' && lexer.kind !== 'block_comment') return true
  }
  return false
}

function sameToken(one: Lexer, two: Lexer): boolean {
  if (one.kind !== two.kind || one.end - one.start !== two.end - two.start) return false
  const left = one.text.slice(one.start, one.end)
  const right = two.text.slice(two.start, two.end)
  return left === right || (one.kind === 'word' && foldAscii(left) === foldAscii(right))
}

/** Folds as the server does in UTF-8: a letter beyond ASCII keeps its case (manual, 4.1.1). */
function foldAscii(word: string): string {
  return word.replace(/[A-Z]+/g, (letters) => letters.toLowerCase())
}

function sameCopyData(a: string, left: SqlStatement, b: string, right: SqlStatement): boolean {
  return copyText(a, left) === copyText(b, right)
}

function copyText(text: string, { copyData }: SqlStatement): string | undefined {
  return copyData === undefined ? undefined : text.slice(copyData.start, copyData.end)
}
