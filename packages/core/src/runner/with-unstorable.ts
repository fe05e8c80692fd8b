import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { MigrationPlan } from '../plan/plan/plan.ts'
import type { ReadingSession } from '../ports/migration-session.ts'

/**
 * Adds to a plan which of its files could not be recorded in this database, as a run would find it.
 *
 * @returns the plan, with TM3009 among its findings.
 * @example (await withUnstorable(session, plan)).findings
 */
export async function withUnstorable(
  session: Pick<ReadingSession, 'findUnstorable'>,
  plan: MigrationPlan,
): Promise<MigrationPlan> {
  const written = plan.steps.flatMap((step) =>
    'migration' in step && step.migration !== null ? [step.migration] : [],
  )
  const found = written.length === 0 ? [] : await session.findUnstorable?.(written)
  return found === undefined || found.length === 0
    ? plan
    : { ...plan, findings: [...plan.findings, ...found] }
}

/**
 * The plan of a run that goes on after a failure: what cannot be stored stops only its own file.
 *
 * @example softenUnstorable(plan).findings
 */
export function softenUnstorable(plan: MigrationPlan): MigrationPlan {
  const soften = (one: Diagnostic): Diagnostic =>
    one.code === 'TM3009' ? { ...one, severity: 'warning' } : one
  return { ...plan, findings: plan.findings.map(soften) }
}
