/**
 * Quotes a text with dollars; the tag is lengthened until it does not occur inside.
 *
 * @example dollarQuote('SELECT 1', 'q') // '$q$SELECT 1$q$'
 */
export function dollarQuote(text: string, tag: string): string {
  let quote = `$${tag}$`
  for (let number = 0; text.includes(quote); number += 1) quote = `$${tag}${number}$`
  return `${quote}${text}${quote}`
}
