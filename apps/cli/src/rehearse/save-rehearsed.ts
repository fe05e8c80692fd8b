import { type SavedPlan, type SavedRehearsal, savePlan } from '@tidemark/core'
import { trackedScope } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { type RehearsalJson, RehearsalSchema } from '../schema/rehearsal-schemas.ts'
import { rehearsalToJson } from './rehearsal-to-json.ts'
import type { ProjectRehearsal } from './rehearse-project.ts'

/** Makes the saved plan that carries its rehearsal. */
export function saveRehearsed(
  settings: Pick<DatabaseSettings, 'drift' | 'searchPath'>,
  rehearsal: ProjectRehearsal,
): SavedPlan {
  const { plan, target, report } = rehearsal
  const { recordedAt, ...mark } = report.target.mark
  return savePlan(plan, target, {
    catalog: { ...mark, recordedAt: recordedAt.toISOString(), scope: trackedScope(settings) },
    baseMs: report.baseMs,
    report: rehearsalToJson(rehearsal, null),
  })
}

/** Reads what a saved plan says of its rehearsal; undefined where another version of Tidemark has written it. */
export function readRehearsal({ report }: Pick<SavedRehearsal, 'report'>): RehearsalJson | undefined {
  return RehearsalSchema.safeParse(report).data
}
