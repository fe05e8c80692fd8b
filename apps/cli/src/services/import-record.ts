import {
  buildGraph,
  type MigrationDatabase,
  type MigrationId,
  type MigrationPlan,
  type MigrationSession,
  planBaseline,
  planMark,
  type ReadMigrations,
  type RunIdentity,
  refusedError,
} from '@tidemark/core'

/** What is recorded as applied, and by whom. */
export interface RecordRequest {
  readonly database: MigrationDatabase
  readonly files: ReadMigrations
  readonly ids: readonly MigrationId[]
  readonly run: RunIdentity
  readonly lockWaitMs: number
  readonly signal: AbortSignal
}

/**
 * Records migrations as applied without executing them, under the run lock: as a baseline when they are all that the last of them needs,
 * else one by one. What is applied already stays as it is.
 *
 * @returns the ids that were recorded now
 * @throws {TidemarkError} TM3xxx, TM5xxx.
 */
export async function recordApplied(request: RecordRequest): Promise<readonly MigrationId[]> {
  const { database, signal, run } = request
  const session = await database.openSession(signal)
  try {
    await session.acquireLock({
      waitMs: request.lockWaitMs,
      onEvent: () => {},
      mayLeave: async () => false,
      signal,
    })
    const recorded: MigrationId[] = []
    try {
      const plan = await planRecord(session, request)
      for await (const event of session.executePlan(plan, { run, keepGoing: false, signal })) {
        if (event.kind === 'step_finished') recorded.push(event.step.id)
        if (event.kind === 'step_failed') throw event.error
      }
    } finally {
      await session.finish(run, { changed: recorded.length > 0 })
    }
    return recorded
  } finally {
    await session.close()
  }
}

async function planRecord(
  session: MigrationSession,
  { files, ids, run }: RecordRequest,
): Promise<MigrationPlan> {
  const history = await session.prepare(files.migrations, run)
  const graph = buildGraph(files.migrations)
  if (!graph.ok) throw refusedError(graph.error)
  const baseline = planBaseline({ graph: graph.value, history, through: ids })
  const wanted = new Set(ids)
  const isClosed = baseline.ok && baseline.value.steps.every(({ id }) => wanted.has(id))
  const planned = isClosed ? baseline : planMark({ graph: graph.value, history, ids, as: 'completed' })
  if (!planned.ok) throw refusedError(planned.error)
  return planned.value
}
