import type { Span } from '../../text/span.ts'
import { isKeyword } from '../is-keyword.ts'
import { Lexer, type TokenKind } from '../lexer.ts'
import { type RelationName, unquoteName } from './relation-name.ts'

/**
 * Reads the tokens of one statement with one token of look-ahead, comments left out and its last `;` too.
 * Every question is about the token at hand; only `accept…`, `read…`, `skip…` and `advance` move on.
 */
export class TokenCursor {
  readonly #lexer: Lexer
  readonly #end: number
  #atEnd = false
  /** Open parentheses before the token at hand. */
  depth = 0

  constructor(text: string, span: Span) {
    this.#end = span.end
    this.#lexer = new Lexer(text, span.start, span.end)
    this.#move()
  }

  get atEnd(): boolean {
    return this.#atEnd
  }

  /** What the token at hand is; `semicolon` at the end. */
  get kind(): TokenKind {
    return this.#atEnd ? 'semicolon' : this.#lexer.kind
  }

  /** Tells whether the token at hand is of a kind. */
  is(kind: TokenKind): boolean {
    return this.kind === kind
  }

  /** Where the token at hand begins; the end of the statement at its end. */
  get start(): number {
    return this.#atEnd ? this.#end : this.#lexer.start
  }

  /** Reads a part of the same text anew. */
  between(start: number, end: number): TokenCursor {
    return new TokenCursor(this.#lexer.text, { start, end })
  }

  /** The text of the token at hand. */
  get text(): string {
    return this.#atEnd ? '' : this.#lexer.text.slice(this.#lexer.start, this.#lexer.end)
  }

  /** The token at hand as a keyword in lower case; empty when it is no unquoted word. */
  get word(): string {
    return this.is('word') ? this.text.toLowerCase() : ''
  }

  advance(): void {
    if (this.is('open')) this.depth += 1
    this.#move()
    if (this.is('close') && this.depth > 0) this.depth -= 1
  }

  isWord(keyword: string): boolean {
    const { text, start, end } = this.#lexer
    return this.is('word') && isKeyword(text, start, end, keyword)
  }

  isName(): boolean {
    return this.is('word') || this.is('quoted_word')
  }

  /** Takes the words when they come next, each in its turn; false as soon as one does not. */
  accept(...keywords: readonly string[]): boolean {
    for (const keyword of keywords) {
      if (!this.isWord(keyword)) return false
      this.advance()
    }
    return true
  }

  /** Takes one of the words and returns which. */
  acceptOneOf<T extends string>(...keywords: readonly T[]): T | undefined {
    const found = keywords.find((keyword) => this.isWord(keyword))
    if (found !== undefined) this.advance()
    return found
  }

  acceptText(text: string): boolean {
    if (this.#atEnd || this.text !== text) return false
    this.advance()
    return true
  }

  /** Takes one part of a name. */
  readPart(): string | undefined {
    if (!this.isName()) return undefined
    const part = unquoteName(this.text)
    this.advance()
    return part
  }

  /** Takes a name with its schema; of a name with a database too, the last two parts. */
  readName(): RelationName | undefined {
    let name = this.readPart()
    let schema: string | undefined
    while (name !== undefined && this.acceptText('.')) {
      schema = name
      name = this.readPart()
    }
    if (name === undefined) return undefined
    return schema === undefined ? { name } : { schema, name }
  }

  /** Passes over a group in parentheses, when one begins here. */
  skipGroup(): void {
    if (!this.is('open')) return
    const outer = this.depth
    do this.advance()
    while (!this.#atEnd && !(this.is('close') && this.depth === outer))
    this.advance()
  }

  /** Goes on to the next of the words at this level of parentheses; false when the statement ends first. */
  skipTo(...keywords: readonly string[]): boolean {
    const level = this.depth
    while (!this.#atEnd) {
      if (this.depth === level && keywords.some((keyword) => this.isWord(keyword))) return true
      this.advance()
    }
    return false
  }

  #move(): void {
    do this.#atEnd = this.#atEnd || !this.#lexer.next()
    while (!this.#atEnd && isPassedOver(this.#lexer.kind))
  }
}

function isPassedOver(kind: TokenKind): boolean {
  return kind === 'line_comment' || kind === 'block_comment' || kind === 'psql_line'
}
