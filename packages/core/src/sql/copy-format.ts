import type { Span } from '../text/span.ts'
import type { CsvFormat } from './csv-quotes.ts'
import { Lexer } from './lexer.ts'

/**
 * Reads from the options of a `COPY … FROM stdin` whether its data is CSV, and by which characters it is
 * quoted.
 *
 * @returns undefined when the data is in the text format.
 * @example readCsvFormat("COPY t FROM stdin (FORMAT csv)", { start: 0, end: 30 }) // { quote: '"', escape: '"' }
 */
export function readCsvFormat(text: string, code: Span): CsvFormat | undefined {
  const lexer = new Lexer(text, code.start, code.end)
  let isCsv = false
  let isBehindStdin = false
  let option = ''
  const given = new Map<string, string>()
  while (lexer.next()) {
    if (lexer.kind === 'line_comment' || lexer.kind === 'block_comment') continue
    const token = text.slice(lexer.start, Math.min(lexer.end, lexer.start + 16))
    const word = token.toLowerCase().replaceAll('"', '')
    if (!isBehindStdin) {
      isBehindStdin = word === 'stdin' || word === 'stdout'
    } else if (lexer.kind === 'string') {
      if (unquote(token).toLowerCase() === 'csv') isCsv = true
      if (option === 'quote' || option === 'escape') given.set(option, unquote(token))
    } else if (word === 'csv') isCsv = true
    else if (word !== 'as' && word !== '=') option = word
  }
  if (!isCsv) return undefined
  const quote = given.get('quote') ?? '"'
  return { quote, escape: given.get('escape') ?? quote }
}

/** `''''` is one quote, and so is `E'\''`. */
function unquote(token: string): string {
  const inside = token.slice(token.indexOf("'") + 1, -1)
  return /^e/i.test(token)
    ? inside.replace(/\\(.)/g, '$1').replaceAll("''", "'")
    : inside.replaceAll("''", "'")
}
