import {
  findRuns,
  listRuns,
  type MigrationAttempt,
  type Run,
  TidemarkError,
  withApplications,
} from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { Attempts } from './list-attempts.ts'
import { withReader } from './read-state.ts'

/** The attempts of some runs, with the runs. */
export interface Runs extends Attempts {
  readonly runs: readonly Run[]
}

/** Lists runs, the newest first: those that touched a migration, where one is named. */
export async function readRuns(
  settings: DatabaseSettings,
  {
    id,
    since,
    limit,
  }: { readonly id?: string | undefined; readonly since?: Date | undefined; readonly limit: number },
  signal: AbortSignal,
): Promise<Runs> {
  return withReader(settings, signal, async ({ target, store }) => {
    const [history, all] = await Promise.all([store.readHistory(), store.listAttempts({})])
    const isMeant = ({ attempts, endedAt }: Run) =>
      (id === undefined || attempts.some(({ migrationId }) => migrationId === id)) &&
      (since === undefined || endedAt >= since)
    const runs = listRuns(withApplications(history, all), all).filter(isMeant).slice(0, limit)
    const ids = new Set(runs.map(({ runId }) => runId))
    return { target, runs, attempts: all.filter(({ runId }) => runId !== null && ids.has(runId)) }
  })
}

/**
 * Finds the run whose backup is meant: the last one that saved something, or the one whose id is given or
 * begun. An id that no attempt has is given back: the backup's own folder may know it.
 *
 * @throws {TidemarkError} TM6004 where several runs begin so, TM6008 where no run has a backup.
 */
export async function findBackedUpRun(
  settings: DatabaseSettings,
  asked: string,
  signal: AbortSignal,
): Promise<string> {
  const attempts = await withReader(settings, signal, ({ store }) => store.listAttempts({}))
  const saved = attempts.filter(hasBackup)
  if (asked === 'last') {
    const [latest] = saved
    if (latest?.runId != null) return latest.runId
    throw new TidemarkError({
      code: 'TM6008',
      message: 'no run has a backup',
      help: 'list the runs with: tidemark history --runs',
    })
  }
  const ids = [...new Set(saved.flatMap(({ runId }) => runId ?? []))]
  const [run, ...others] = findRuns(
    ids.map((runId) => ({ runId })),
    asked,
  )
  if (others.length === 0) return run?.runId ?? asked
  throw new TidemarkError({
    code: 'TM6004',
    message: `"${asked}" is the beginning of ${others.length + 1} runs`,
    help: 'write more of the id; list the runs with: tidemark history --runs',
  })
}

function hasBackup({ details }: MigrationAttempt): boolean {
  return details?.['backup'] !== undefined && details['backup'] !== null
}
