import type { FailedStatement } from './describe-failure.ts'

/** Names beyond this are those of data. */
const LONGEST_LOOK = 20_000

const IDENTIFIER = /"((?:[^"]|"")+)"|[\p{L}_][\p{L}\p{N}_$]*/gu

/**
 * Lists the names in the statement that failed, as the server reads them, of which its message names one:
 * what an error is about, whatever the language of the message.
 */
export function namesIn(
  message: string,
  { place }: Pick<FailedStatement, 'place'>,
  quoting: 'quoted' | 'perhaps' = 'perhaps',
): readonly string[] {
  if (place.kind !== 'statement') return []
  const { source, span } = place.statement
  const text = source.text.slice(span.start, Math.min(span.end, span.start + LONGEST_LOOK))
  const names = Array.from(text.matchAll(IDENTIFIER), ([word, quoted]) =>
    quoted === undefined ? word.toLowerCase() : quoted.replaceAll('""', '"'),
  )
  return [...new Set(names)].filter((name) => isNamed(message, name, quoting))
}

const IN_WORD = /[A-Za-z0-9_$]/
/** What is before a name in the languages of PostgreSQL's messages. */
const QUOTE = /["'«»„“”‘「『]\s?$/

/** As a word of its own; a language without spaces may have letters of its own right beside it. */
function isNamed(message: string, name: string, quoting: 'quoted' | 'perhaps'): boolean {
  for (let at = message.indexOf(name); at >= 0; at = message.indexOf(name, at + 1)) {
    const isApart = !IN_WORD.test(message.charAt(at - 1)) && !IN_WORD.test(message.charAt(at + name.length))
    if (isApart && (quoting === 'perhaps' || QUOTE.test(message.slice(0, at)))) return true
  }
  return false
}
