import type { TidemarkError } from '@tidemark/core'
import { listFew } from '../text/few.ts'
import type { Paint } from '../text/paint.ts'

/** Whether a run ends at the first failure, or goes on with what does not depend on it. */
export type FailureMode = 'stop' | 'keep_going'

/**
 * Writes what a run came to that failed; undefined where one migration failed and nothing was behind it,
 * since then its failure says everything.
 *
 * @example presentRunFailure(error, 'keep_going', paint) // '✗ 2 done, 1 failed: 002_b; 1 held back: 003_c'
 */
export function presentRunFailure(
  { details }: TidemarkError,
  mode: FailureMode,
  { red }: Paint,
): string | undefined {
  const { applied: done = [], failed = [], notRun: left = [] } = details
  if (failed.length + left.length < 2) return undefined
  const behind = mode === 'stop' ? 'not run' : 'held back, needing what failed'
  const parts = [
    `${done.length} done, ${failed.length} failed: ${listFew(failed)}`,
    ...(left.length === 0 ? [] : [`${left.length} ${behind}: ${listFew(left)}`]),
  ]
  return `${red('✗')} ${parts.join('; ')}`
}
