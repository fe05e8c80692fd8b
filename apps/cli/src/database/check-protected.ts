import { type MigrationPlan, needsAcceptance, summarizePlan, TidemarkError } from '@tidemark/core'
import type { DatabaseSettings } from './require-database.ts'

/** How many statements of a plan destroy data or objects: what a protected database is asked about. */
export function countDestructive(plan: Pick<MigrationPlan, 'steps'>): number {
  return summarizePlan(plan).counts.destructive
}

/**
 * Refuses on a protected database what a check found to lose something or to fail, unless it is accepted by name.
 *
 * @throws {TidemarkError} TM7013 with all that is not accepted.
 */
export function refuseUnaccepted(
  { steps }: Pick<MigrationPlan, 'steps'>,
  accepted: readonly string[],
  settings: Pick<DatabaseSettings, 'protected'>,
): void {
  const refused = steps.flatMap((step) => {
    const known = step.kind === 'roll_back' ? step.stored.downVerdict : undefined
    return known === undefined || !needsAcceptance(known) || accepted.includes(step.id)
      ? []
      : [{ id: step.id, ...known }]
  })
  if (!settings.protected || refused.length === 0) return
  const names = refused.map(({ id, verdict }) => `"${id}" ${FOUND[verdict] ?? ''}`)
  throw new TidemarkError({
    code: 'TM7013',
    message: `the database is protected, and a check found that the @down of ${names.join(', of ')}`,
    help: `if that is what you want, accept it by name: ${refused.map(({ id }) => `--accept ${id}`).join(' ')}`,
    details: { notAccepted: refused.map(({ id }) => id) },
  })
}

const FOUND: Readonly<Record<string, string>> = {
  differs: 'does not bring back the schema',
  loses_data: 'loses data',
  down_fails: 'fails',
}

/** TM7013 on a protected database: what only belongs into development. No flag helps. */
export function refuseProtected(settings: Pick<DatabaseSettings, 'protected'>, command: string): void {
  if (!settings.protected) return
  throw new TidemarkError({
    code: 'TM7013',
    message: `the database is protected, and \`tidemark ${command}\` is for development databases`,
    help: 'check that the environment is the one that you mean; a protected database is rolled back with `tidemark down`',
  })
}
