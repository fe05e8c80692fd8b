import type { ApplyOptions, MigrationPlan, ReadingSession } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readProject } from '../project/read-project.ts'
import { judgeProject, type ProjectState, withReader } from '../status/read-state.ts'

/** What `up` would do, and in which schemas a table needs row level security. */
export interface PlanToShow extends Pick<ProjectState, 'plan' | 'target'> {
  readonly exposedSchemas: readonly string[]
}

/**
 * Reads files and database, and decides what `up` would do.
 *
 * @throws {TidemarkError} as {@link judgeProject} and {@link withReader} do.
 */
export async function readPlanToShow(
  settings: DatabaseSettings,
  options: ApplyOptions,
  signal: AbortSignal,
): Promise<PlanToShow> {
  const project = await readProject(settings)
  return withReader(settings, signal, async (session) => {
    const { plan, target } = await judgeProject(session, project, options)
    const exposedSchemas = settings.exposedSchemas ?? (await findExposedSchemas(session, plan))
    return { plan, target, exposedSchemas }
  })
}

/** What cannot be known gives no remark. */
async function findExposedSchemas(session: ReadingSession, plan: MigrationPlan): Promise<readonly string[]> {
  if (plan.steps.length === 0) return []
  return (await session.listExposedSchemas?.().catch(() => undefined)) ?? []
}
