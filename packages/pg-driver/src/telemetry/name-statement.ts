const MOST_WORDS = 4
const WORD = /^[A-Za-z_"][\w."$]*$/
/** After these a value or a text may come without quotes. */
const STOP: ReadonlySet<string> = new Set(['to', 'values', 'where', 'as', 'is', 'select', 'set'])

/**
 * Names a statement by its first words, up to the first literal, number or sign: no value of a row can be
 * among them.
 *
 * @example nameStatement("INSERT INTO users VALUES ('Ada')") // 'INSERT INTO users'
 */
export function nameStatement(summary: string): string {
  const words: string[] = []
  for (const part of summary.split(' ')) {
    const word = part.replace(/;$/, '')
    const isFirst = words.length === 0
    if (words.length === MOST_WORDS || !WORD.test(word)) break
    if (!isFirst && STOP.has(word.toLowerCase())) break
    words.push(word)
    if (isFirst && STOP.has(word.toLowerCase())) break
  }
  return words.length === 0 ? 'statement' : words.join(' ')
}
