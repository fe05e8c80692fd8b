import type * as z from 'zod'
import { checksumOf, describeAction, digestDownVerdicts, digestRehearsal } from './digest-plan.ts'
import type { MigrationPlan, PlanTarget } from './plan.ts'
import type { SavedPlanSchema } from './saved-plan-schema.ts'

/** See {@link SavedPlanSchema}. */
export type SavedPlan = z.infer<typeof SavedPlanSchema>

/** What a saved plan carries of its rehearsal. */
export type SavedRehearsal = NonNullable<SavedPlan['rehearsal']>

/**
 * Turns a plan into the document that `plan --out` writes.
 *
 * @param rehearsal what it carries of its rehearsal, without the digest
 * @example await writeFile('plan.json', JSON.stringify(savePlan(plan, session.target), null, 2))
 */
export function savePlan(
  plan: MigrationPlan,
  target: PlanTarget,
  rehearsal?: Omit<SavedRehearsal, 'digest'>,
): SavedPlan {
  const downVerdicts = Object.fromEntries(
    plan.steps.flatMap((step) => {
      const known = step.kind === 'apply' ? step.migration.downVerdict : undefined
      return known === undefined ? [] : [[step.id, known] as const]
    }),
  )
  const { host, port, database, user, schema, systemIdentifier, searchPath } = target
  const path = searchPath === undefined ? {} : { searchPath }
  return {
    formatVersion: plan.formatVersion,
    digest: plan.digest,
    target: { host, port, database, user, schema, systemIdentifier, ...path },
    request: plan.request,
    steps: plan.steps.map((step) => ({
      action: describeAction(step),
      id: step.id,
      checksum: checksumOf(step),
    })),
    rows: plan.basis,
    ...(plan.valuesDigest === undefined ? {} : { valuesDigest: plan.valuesDigest }),
    ...(rehearsal === undefined
      ? {}
      : { rehearsal: { ...rehearsal, digest: digestRehearsal(plan.digest, rehearsal) } }),
    ...(Object.keys(downVerdicts).length === 0
      ? {}
      : {
          downVerdicts: {
            digest: digestDownVerdicts(plan.digest, downVerdicts),
            migrations: downVerdicts,
          },
        }),
  }
}
