import { sha256Hex } from '../checksum/checksum.ts'
import { Lexer } from '../sql/lexer.ts'
import { scanSql } from '../sql/scan.ts'

/** Of each statement this much is stored. */
const HEAD_LENGTH = 1024
/** Of the statements that only add rows, what is stored ends here. */
const ROWS_LIMIT = 1024 * 1024
/** Of all others, here. */
const LIMIT = 8 * 1024 * 1024

const ADDS_ROWS = /insert\b/iy

/**
 * Gathers what the database stores of a large file's `@up`: each statement's first 1 KiB with the hash of the
 * whole, as text that reads as statements again, until there is too much of it; the rest is counted.
 */
export class DigestText {
  readonly #parts: string[] = []
  #length = 0
  #leftOut = 0

  /** Adds a statement without its COPY data. */
  add(text: string): void {
    ADDS_ROWS.lastIndex = 0
    if (this.#length > (ADDS_ROWS.test(text) ? ROWS_LIMIT : LIMIT)) this.#leftOut += 1
    else this.#append(text.length <= HEAD_LENGTH ? text : cut(text))
  }

  /** Adds the placeholder for the data of the COPY that was added last. */
  addData(sizeBytes: number, sha256: string): void {
    this.#append(`-- tidemark: ${sizeBytes} bytes, sha256 ${sha256}\n\\.`)
  }

  toString(): string {
    const rest = this.#leftOut === 0 ? '' : `-- tidemark: ${this.#leftOut} more statements\n`
    return `${this.#parts.join('')}${rest}`
  }

  #append(text: string): void {
    this.#parts.push(text, '\n')
    this.#length += text.length
  }
}

/** Ends a statement early, between two tokens, so that it is one statement still. */
function cut(text: string): string {
  const mark = `\n-- tidemark: ${Buffer.byteLength(text)} bytes, sha256 ${sha256Hex(text)}\n`
  const lexer = new Lexer(text)
  let end = 0
  let depth = 0
  while (lexer.next() && lexer.end <= HEAD_LENGTH && lexer.kind !== 'semicolon') {
    if (lexer.kind === 'open') depth += 1
    if (lexer.kind === 'close' && depth > 0) depth -= 1
    end = lexer.end
  }
  const digest = `${text.slice(0, end)}${mark}${')'.repeat(depth)};`
  const { statements, problems } = scanSql(digest)
  return problems.length === 0 && statements.length === 1 ? digest : `${/^\w+/.exec(text)?.[0] ?? ''}${mark};`
}
