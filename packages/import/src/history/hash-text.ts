import { createHash } from 'node:crypto'

/**
 * Hashes a text as UTF-8, as a tool does that keeps such a hash in its table.
 *
 * @returns lower-case hexadecimal digits
 * @example hashText('sha1', '') // 'da39a3ee5e6b4b0d3255bfef95601890afd80709'
 */
export function hashText(algorithm: 'sha1' | 'sha384', text: string): string {
  return createHash(algorithm).update(text).digest('hex')
}
