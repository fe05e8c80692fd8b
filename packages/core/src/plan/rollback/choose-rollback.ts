import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { compareIds } from '../../text/compare-ids.ts'
import type { MigrationRow } from '../history/history.ts'
import type { RollbackRequest } from '../plan/plan.ts'
import type { AppliedOrder } from './applied-order.ts'
import { describeNotApplied, describeSetAside, describeUnknownRun } from './rollback-problems.ts'

/**
 * Chooses which applied migrations a request means, without looking at what depends on them, and in no order.
 *
 * @returns TM6003 or TM6005 for an id that is not applied, TM6004 for a run that applied nothing.
 * @throws TypeError when a count is not a whole number from 1.
 */
export function chooseRollback(
  order: AppliedOrder,
  request: RollbackRequest,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  switch (request.kind) {
    case 'all':
      return ok(new Set(order.rows.map((row) => row.id)))
    case 'steps':
      return ok(new Set(order.rows.slice(0, checkCount(request.count)).map((row) => row.id)))
    case 'to':
      return chooseAfter(order, request.id)
    case 'target':
      return chooseTarget(order, request.id, request.dependents)
    case 'targets':
      return chooseTargets(order, request.ids)
    case 'run':
      return chooseRun(order, request.runId)
  }
}

function checkCount(count: number): number {
  if (Number.isSafeInteger(count) && count >= 1) return count
  throw new TypeError(`steps must be a whole number from 1, not ${count}`)
}

function chooseAfter(
  order: AppliedOrder,
  id: MigrationId,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const row = order.find(id)
  if (row === undefined) return err([describeNotApplied(order, id)])
  const before = order.listAncestors([row.id])
  const after = order.listDescendants([row.id])
  const chosen = order.rows.filter(
    (other) =>
      other !== row && (after.has(other.id) || (!before.has(other.id) && isAppliedAfter(other, row))),
  )
  return ok(new Set(chosen.map((other) => other.id)))
}

/** Rows of one millisecond are told apart as a plan would have ordered them. */
function isAppliedAfter(row: MigrationRow, than: MigrationRow): boolean {
  const order = (row.appliedAt?.getTime() ?? 0) - (than.appliedAt?.getTime() ?? 0)
  return order > 0 || (order === 0 && compareIds(row.id, than.id) > 0)
}

function chooseTarget(
  order: AppliedOrder,
  id: MigrationId,
  dependents: 'refuse' | 'cascade',
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const row = order.find(id)
  if (row === undefined) return err([describeNotApplied(order, id)])
  if (row.id !== id) return err([describeSetAside(order, id, row.id)])
  const chosen = new Set([row.id])
  if (dependents === 'cascade') for (const other of order.listDescendants([row.id])) chosen.add(other)
  return ok(chosen)
}

function chooseTargets(
  order: AppliedOrder,
  ids: readonly MigrationId[],
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const outcomes = ids.map((id) => chooseTarget(order, id, 'cascade'))
  const problems = outcomes.flatMap((one) => (one.ok ? [] : one.error))
  if (problems.length > 0) return err(problems)
  return ok(new Set(outcomes.flatMap((one) => (one.ok ? [...one.value] : []))))
}

function chooseRun(
  order: AppliedOrder,
  asked: string,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  const runId = asked === 'last' ? findLastRun(order.rows) : asked
  const chosen = order.rows.filter((row) => runId !== undefined && runOf(row) === runId)
  if (chosen.length > 0) return ok(new Set(chosen.map((row) => row.id)))
  return asked === 'last' ? ok(new Set()) : err([describeUnknownRun(asked)])
}

function findLastRun(rows: readonly MigrationRow[]): string | undefined {
  let latest: MigrationRow | undefined
  for (const row of rows) {
    if (runOf(row) === null) continue
    if (latest === undefined || isAppliedAfter(row, latest)) latest = row
  }
  return latest === undefined ? undefined : (runOf(latest) ?? undefined)
}

/** The run that applied it; running it again is not applying it. */
function runOf({ appliedRunId, runId }: MigrationRow): string | null {
  return appliedRunId === undefined ? runId : appliedRunId
}
