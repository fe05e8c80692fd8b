import {
  type ApplyOptions,
  classify,
  type History,
  type LockHolder,
  type MigrationId,
  type MigrationPlan,
  type MigrationState,
  type PlanTarget,
  planFromStore,
  type ReadingSession,
  sortDiagnostics,
  withUnstorable,
} from '@tidemark/core'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import { openDatabase } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { type Project, readProject } from '../project/read-project.ts'
import { refuse } from '../project/refuse.ts'

/** Files and database, read at one moment, without a lock or a write. */
export interface ProjectState {
  readonly project: Project
  readonly target: PlanTarget
  /** Who migrates at this moment. */
  readonly runner: LockHolder | null
  readonly history: History
  readonly states: ReadonlyMap<MigrationId, MigrationState>
  /** What `up` would do with these options. */
  readonly plan: MigrationPlan
}

/**
 * Reads files, then the database, and decides what `up` would do: the same functions that a run decides by.
 *
 * @throws {TidemarkError} for wrong files (before connecting), wrong options, and whatever connecting and
 * reading throw.
 */
export async function readState(
  settings: DatabaseSettings,
  options: ApplyOptions,
  signal: AbortSignal,
  closeMode: CloseMode = 'awaited',
): Promise<ProjectState> {
  const project = await readProject(settings)
  return withReader(settings, signal, (session) => judgeProject(session, project, options), closeMode)
}

/**
 * Reads the database of an open session, and decides what `up` would do with files that were read already.
 *
 * @throws {TidemarkError} for wrong options, and whatever reading throws.
 */
export async function judgeProject(
  session: ReadingSession,
  project: Project,
  options: ApplyOptions,
): Promise<ProjectState> {
  const { graph } = project
  const { store, target } = session
  const [history, runner] = await Promise.all([store.readHistory(), session.findRunner()])
  const planned = await planFromStore(store, { graph, history, options })
  if (!planned.ok) throw refuse(planned.error)
  const plan = await withUnstorable(session, planned.value)
  const findings = sortDiagnostics([
    ...project.notes.filter(({ severity }) => severity === 'warning'),
    ...plan.findings,
  ])
  const states = classify({ graph, history })
  return { project, target, runner, history, states, plan: { ...plan, findings } }
}

/**
 * How the connection is closed, which takes as long as to write the answer. A command that connects again
 * awaits it: the role may have only one connection. Where only the answer is left to write, the end of the
 * process waits anyway. An embedded database is always awaited.
 */
export type CloseMode = 'awaited' | 'left to the end'

/** Opens a read-only session for the time of one function. */
export async function withReader<T>(
  settings: DatabaseSettings,
  signal: AbortSignal,
  read: (session: ReadingSession) => Promise<T>,
  closeMode: CloseMode = 'awaited',
): Promise<T> {
  const database = await openDatabase(settings)
  const session = await database.openReader(signal)
  try {
    return await read(session)
  } finally {
    const closed = session.close()
    if (closeMode === 'awaited' || isEmbeddedUrl(settings.database)) await closed
    else closed.catch(() => undefined)
  }
}
