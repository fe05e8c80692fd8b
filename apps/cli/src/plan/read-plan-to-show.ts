import {
  type ApplyOptions,
  type CatalogMark,
  type CatalogScope,
  type MigrationPlan,
  type ReadingSession,
  readCatalogMark,
} from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { readProject } from '../project/read-project.ts'
import { judgeProject, type ProjectState, withReader } from '../status/read-state.ts'

/** What `up` would do, and in which schemas a table needs row level security. */
export interface PlanToShow extends Pick<ProjectState, 'plan' | 'target'> {
  readonly exposedSchemas: readonly string[]
  /** What the schema is now, where a scope was named. */
  readonly catalog?: CatalogMark | undefined
}

/**
 * Reads files and database, and decides what `up` would do.
 *
 * @param rehearsed the scope of a rehearsal, whose plan is compared with the schema as it is now
 * @throws {TidemarkError} as {@link judgeProject} and {@link withReader} do.
 */
export async function readPlanToShow(
  settings: DatabaseSettings,
  options: ApplyOptions,
  signal: AbortSignal,
  rehearsed?: CatalogScope,
): Promise<PlanToShow> {
  const project = await readProject(settings)
  return withReader(settings, signal, async (session) => {
    const { plan, target } = await judgeProject(session, project, options)
    const exposedSchemas = settings.exposedSchemas ?? (await findExposedSchemas(session, plan))
    const catalog =
      rehearsed && (await readCatalogMark(session.catalog, { ...rehearsed, trackingSchema: settings.schema }))
    return { plan, target, exposedSchemas, catalog }
  })
}

/** What cannot be known gives no remark. */
async function findExposedSchemas(session: ReadingSession, plan: MigrationPlan): Promise<readonly string[]> {
  if (plan.steps.length === 0) return []
  return (await session.listExposedSchemas?.().catch(() => undefined)) ?? []
}
