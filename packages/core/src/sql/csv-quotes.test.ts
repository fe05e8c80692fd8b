import fc from 'fast-check'
import { expect, it } from 'vitest'
import { CsvQuotes } from './csv-quotes.ts'

/** The server's own loop, a character at a time. */
function isOpenNaively(data: string, quote: string, hider: string): boolean {
  const escapeCharacter = hider === quote ? undefined : hider
  let isOpen = false
  let wasEscape = false
  for (const character of data) {
    if (isOpen && character === escapeCharacter) wasEscape = !wasEscape
    if (character === quote && !wasEscape) isOpen = !isOpen
    if (character !== escapeCharacter) wasEscape = false
  }
  return isOpen
}

it.each([
  ['"', '"'],
  ['"', '\\'],
  ["'", '"'],
])('quotes %s with the escape %s are followed as the server does, in pieces too', (quote, hider) => {
  const piece = fc.array(fc.constantFrom('"', "'", '\\', 'a', '\n', '\\.'), { maxLength: 12 })
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 5 }), (parts) => {
      const pieces = parts.map((part) => part.join(''))
      const quotes = new CsvQuotes({ quote, escape: hider })
      for (const data of pieces) quotes.follow(data, 0, data.length)
      return quotes.isOpen === isOpenNaively(pieces.join(''), quote, hider)
    }),
    { numRuns: 2000 },
  )
  expect(new CsvQuotes({ quote, escape: hider }).isOpen).toBe(false)
})
