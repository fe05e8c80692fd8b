import { type Migration, TidemarkError } from '@tidemark/core'
import type { Shadow } from '../../port/shadow.ts'

/**
 * Applies one migration.
 *
 * @returns what it fails with by itself; null when it was applied, or cannot be run on this shadow.
 */
export async function applyOne(
  shadow: Pick<Shadow, 'apply'>,
  migration: Migration,
): Promise<TidemarkError | null> {
  try {
    await shadow.apply([migration])
    return null
  } catch (error) {
    if (error instanceof TidemarkError && error.details['migration'] === migration.id) return error
    throw error
  }
}
