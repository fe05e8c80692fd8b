import {
  type ApplyOptions,
  type BatchExtent,
  type BatchProgress,
  type CatalogMark,
  type CatalogScope,
  type History,
  type MigrationId,
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
  readonly batchExtents: BatchExtents
}

/** What the steps in batches would find now, by id; what cannot be known is left out. */
export type BatchExtents = ReadonlyMap<MigrationId, BatchExtent & { readonly progress: BatchProgress | null }>

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
    const { plan, target, history } = await judgeProject(session, project, options)
    const exposedSchemas = settings.exposedSchemas ?? (await findExposedSchemas(session, plan))
    const catalog =
      rehearsed && (await readCatalogMark(session.catalog, { ...rehearsed, trackingSchema: settings.schema }))
    const batchExtents = await readBatchExtents(session, plan, history)
    return { plan, target, exposedSchemas, batchExtents, catalog }
  })
}

async function readBatchExtents(
  session: ReadingSession,
  { steps }: MigrationPlan,
  history: History,
): Promise<BatchExtents> {
  const rows = new Map(history.kind === 'present' ? history.rows.map((row) => [row.id, row]) : [])
  const extents = new Map<MigrationId, BatchExtent & { readonly progress: BatchProgress | null }>()
  for (const step of steps) {
    const batches = step.kind === 'apply' ? step.migration.header.batches : undefined
    const extent = batches && (await session.readBatchExtent?.(batches))
    if (extent !== undefined)
      extents.set(step.id, { ...extent, progress: rows.get(step.id)?.progress ?? null })
  }
  return extents
}

/** What cannot be known gives no remark. */
async function findExposedSchemas(session: ReadingSession, plan: MigrationPlan): Promise<readonly string[]> {
  if (plan.steps.length === 0) return []
  return (await session.listExposedSchemas?.().catch(() => undefined)) ?? []
}
