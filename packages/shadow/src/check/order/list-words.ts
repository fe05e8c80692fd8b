/**
 * Lists what may be names in a text of SQL, in lower case: words, wherever they are, and what is between quotes,
 * for code that a string holds may name objects too.
 *
 * @example listWords('SELECT "Order Items"') // ['select', 'order', 'items', 'order items']
 */
export function listWords(text: string): readonly string[] {
  const lower = text.toLowerCase()
  const words = lower.match(/[\p{L}_][\p{L}\p{N}_$]*/gu) ?? []
  const quoted = lower.match(/"(?:[^"]|"")+"|'(?:[^']|'')+'/g) ?? []
  return [...new Set([...words, ...quoted.map((one) => one.slice(1, -1))])]
}
