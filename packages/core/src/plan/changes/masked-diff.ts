import { maskSecrets } from '../../sql/mask-secrets.ts'
import { type DiffLine, lineDiff } from './line-diff.ts'

/**
 * Compares two SQL texts line by line and shows their lines without secrets: also a line of which only a
 * password differs is a difference.
 *
 * @example maskedDiff("ALTER ROLE a PASSWORD 'x'", "ALTER ROLE a PASSWORD 'y'") // removed and added: ALTER ROLE a PASSWORD '***'
 */
export function maskedDiff(before: string, after: string): readonly DiffLine[] {
  const [old, current] = [before, after].map((text) => maskSecrets(text).split('\n'))
  return lineDiff(before, after).map((one) => ({
    ...one,
    text: (one.kind === 'removed' ? old : current)?.[one.line - 1] ?? '',
  }))
}
