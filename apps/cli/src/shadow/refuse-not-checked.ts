import { type Diagnostic, TidemarkError } from '@tidemark/core'
import type { Shadow } from '@tidemark/shadow'
import { count } from '../text/count.ts'

/**
 * Refuses to speak of all migrations where the shadow could not run some of them.
 *
 * @throws {TidemarkError} TM5052 with one diagnostic for each.
 */
export function refuseNotChecked({ notChecked }: Pick<Shadow, 'notChecked'>): void {
  if (notChecked.length === 0) return
  const diagnostics = notChecked.map(
    ({ migrationId, why }): Diagnostic => ({
      code: 'TM5052',
      severity: 'error',
      message: `"${migrationId}" ${why}`,
    }),
  )
  throw new TidemarkError({
    code: 'TM5052',
    message: `${count(notChecked.length, 'migration')} cannot be checked in this shadow`,
    help: 'use a shadow that has what they need: see docs/shadow.md',
    diagnostics,
  })
}
