import { type MigrationPlan, summarizePlan, TidemarkError } from '@tidemark/core'
import type { DatabaseSettings } from './require-database.ts'

/** How many statements of a plan destroy data or objects: what a protected database is asked about. */
export function countDestructive(plan: Pick<MigrationPlan, 'steps'>): number {
  return summarizePlan(plan).counts.destructive
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
