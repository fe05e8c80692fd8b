const SHOWN = 5

/**
 * Lists names for a summary; of many the first few.
 *
 * @example listFew(['a', 'b', 'c', 'd', 'e', 'f']) // 'a, b, c, d, e and 1 more'
 */
export function listFew(names: readonly string[]): string {
  const rest = names.length > SHOWN ? ` and ${names.length - SHOWN} more` : ''
  return names.slice(0, SHOWN).join(', ') + rest
}
