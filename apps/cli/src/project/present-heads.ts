import { listFew } from '../text/few.ts'

/**
 * Writes the heads for the end of a summary; of many the first few.
 *
 * @example presentHeads(['004_tags', '005_likes']) // '; heads: 004_tags, 005_likes'
 */
export function presentHeads(heads: readonly string[]): string {
  if (heads.length === 0) return ''
  return `; ${heads.length === 1 ? 'head' : 'heads'}: ${listFew(heads)}`
}
