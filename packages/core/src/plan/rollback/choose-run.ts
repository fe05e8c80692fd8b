import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import type { IdleRun, MigrationAttempt } from '../history/history.ts'
import { findRuns, lastSequence, listRuns, type Run } from '../history/runs.ts'
import type { AppliedOrder } from './applied-order.ts'
import { formatMinute } from './floor.ts'
import { describeManyRuns, describeSetAside, describeUnknownRun } from './rollback-problems.ts'

/** What is known of runs beside the rows. */
export interface KnownRuns {
  /** All attempts; without them no run is known. */
  readonly attempts?: readonly MigrationAttempt[]
  /** A run of `up` that had nothing to do. */
  readonly idle?: IdleRun | null
}

/**
 * Chooses what a run applied and is still in force.
 *
 * @param asked the id of a run, the beginning of one, or `last`.
 * @returns TM6004 for a run that is unknown, ambiguous or not in force, TM6005 for one whose migrations are
 *   part of a squash, TM6010 for `last` after a run of `up` that applied nothing.
 */
export function chooseRun(
  order: AppliedOrder,
  asked: string,
  known: KnownRuns,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const { attempts = [] } = known
  const runs = listRuns({ kind: 'present', rows: [...order.index.rows.values()] }, attempts)
  if (asked === 'last') return chooseLast(order, runs, known)
  const [run, ...others] = findRuns(runs, asked)
  if (run === undefined) return err([describeUnknownRun(asked)])
  if (others.length > 0)
    return err([
      describeManyRuns(
        asked,
        [run, ...others].map(({ runId }) => runId),
      ),
    ])
  return run.inForce.length === 0 ? err([describeUnknownRun(run.runId)]) : membersOf(order, run)
}

function chooseLast(
  order: AppliedOrder,
  runs: readonly Run[],
  { idle }: KnownRuns,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const ups = runs.filter(({ kind }) => kind === 'up')
  const run = ups.find(({ inForce }) => inForce.length > 0)
  if (run === undefined) return ok(new Set())
  const later = runs.slice(0, runs.indexOf(run))
  const idleNow = idle != null && idle.sequence >= lastSequence(run) ? idle : undefined
  const failed = later.find((other) => other.kind === 'up' && other.applied.length === 0)
  const redone = later.find((other) => other.kind === 'redo' && other.inForce.length > 0)
  const empty =
    failed === undefined || (idleNow !== undefined && idleNow.sequence >= lastSequence(failed))
      ? idleNow
      : failed
  if (empty !== undefined)
    return err([describeEmptyLast(empty, 'applied nothing that can be rolled back', run)])
  if (redone !== undefined) {
    return err([describeEmptyLast(redone, 'rolled back and applied again what other runs had applied', run)])
  }
  return membersOf(order, run)
}

function membersOf(
  order: AppliedOrder,
  { inForce }: Run,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const members = new Set(inForce)
  const chosen = order.rows.filter(({ id }) => members.has(id)).map(({ id }) => id)
  const taken = new Set(chosen)
  const inSquash = inForce.flatMap((id) => {
    const squash = order.find(id)
    return squash === undefined || taken.has(squash.id) ? [] : [describeSetAside(order, id, squash.id)]
  })
  return inSquash.length > 0 ? err(inSquash) : ok(taken)
}

function describeEmptyLast(
  empty: Pick<Run, 'runId' | 'endedAt' | 'executedBy'>,
  what: string,
  run: Run,
): Diagnostic {
  return {
    code: 'TM6010',
    severity: 'error',
    message: `the last run, ${nameRun(empty)}, ${what}`,
    help: `the last run of up that applied something and is in force is ${nameRun(run)}; to roll that one back: tidemark down --run ${run.runId}`,
  }
}

function nameRun({ runId, endedAt, executedBy }: Pick<Run, 'runId' | 'endedAt' | 'executedBy'>): string {
  return `${runId} of ${formatMinute(endedAt)}${executedBy === null ? '' : ` by ${executedBy}`}`
}
