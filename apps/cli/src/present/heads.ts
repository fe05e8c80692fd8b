const SHOWN = 5

/**
 * Writes the heads for the end of a summary; of many the first few.
 *
 * @example presentHeads(['004_tags', '005_likes']) // '; heads: 004_tags, 005_likes'
 */
export function presentHeads(heads: readonly string[]): string {
  if (heads.length === 0) return ''
  const rest = heads.length > SHOWN ? ` and ${heads.length - SHOWN} more` : ''
  return `; ${heads.length === 1 ? 'head' : 'heads'}: ${heads.slice(0, SHOWN).join(', ')}${rest}`
}
