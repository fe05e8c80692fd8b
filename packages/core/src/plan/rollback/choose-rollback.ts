import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { compareIds } from '../../text/compare-ids.ts'
import { compareApplied } from '../history/application.ts'
import type { MigrationRow } from '../history/history.ts'
import { isElsewhereRow } from '../history/is-elsewhere-row.ts'
import type { CrossBaseline, RollbackRequest } from '../plan/plan.ts'
import type { AppliedOrder } from './applied-order.ts'
import { chooseRun, type KnownRuns } from './choose-run.ts'
import { describeFloor, findFloor } from './floor.ts'
import { describeElsewhere, describeNotApplied, describeSetAside } from './rollback-problems.ts'

/** What {@link chooseRollback} reads beside what is applied. */
export interface RollbackChoice extends CrossBaseline, KnownRuns {
  readonly request: RollbackRequest
  /** `redo` takes what was only recorded by no name but that of the request. */
  readonly command: 'down' | 'redo'
}

/** Which applied migrations a request means, in no order. */
export interface ChosenRollback {
  readonly ids: ReadonlySet<MigrationId>
  /** TM6011 and TM6012: what the request would take, but for a baseline or for its environments. */
  readonly findings: readonly Diagnostic[]
}

/**
 * Chooses which applied migrations a request means, without looking at what depends on them, and in no order.
 * What was recorded without being executed, and what that needs, is left out: steps end where it begins.
 *
 * @returns TM6003 or TM6005 for an id that is not applied, TM6004 for a run that applied nothing, TM6010
 *   where the last run applied nothing, TM6011 where nothing is left of what was asked for by name or number,
 *   TM6012 where something for other environments would have to go along.
 * @throws TypeError when a count is not a whole number from 1.
 */
export function chooseRollback(
  order: AppliedOrder,
  choice: RollbackChoice,
): Result<ChosenRollback, readonly Diagnostic[]> {
  const { request, command } = choice
  const asked = chooseAsked(order, choice)
  if (!asked.ok) return asked
  const ours = leaveElsewhere(order, request, asked.value)
  if (!ours.ok) return ours
  const { ids, findings } = ours.value
  const floor = findFloor(order, choice)
  const isNamed = command === 'down' && request.kind === 'target'
  const isKept = ({ id }: MigrationRow) =>
    isNamed ? floor.recorded.has(id) && id !== request.id : floor.kept.has(id)
  const rows = order.rows.filter(({ id }) => ids.has(id))
  const kept = rows.filter(isKept)
  if (kept.length === 0) return ok({ ids, findings })
  const end = request.kind === 'steps' ? rows.findIndex(isKept) : rows.length
  const left = rows.slice(0, end).filter((row) => !isKept(row))
  const recorded = kept.flatMap(({ id }) => (floor.recorded.has(id) ? [id] : []))
  const named = recorded.length > 0 ? recorded : [...floor.recorded]
  const isRefused =
    request.kind === 'target' || (left.length === 0 && ['steps', 'run'].includes(request.kind))
  const finding = describeFloor(order, named, isRefused ? 'error' : 'warning')
  return isRefused
    ? err([finding])
    : ok({ ids: new Set(left.map(({ id }) => id)), findings: [...findings, finding] })
}

/**
 * Leaves out what is for other environments: it is rolled back by its id alone. What would have to go with
 * something that was named refuses the request.
 */
function leaveElsewhere(
  order: AppliedOrder,
  request: RollbackRequest,
  asked: ReadonlySet<MigrationId>,
): Result<ChosenRollback, readonly Diagnostic[]> {
  const isApart = isElsewhereRow(order.graph)
  const isNamed = ({ id }: MigrationRow) => request.kind === 'target' && request.id === id
  const apart = order.rows.filter((row) => asked.has(row.id) && isApart(row) && !isNamed(row))
  if (apart.length === 0) return ok({ ids: asked, findings: [] })
  const isRefused = request.kind === 'target' || request.kind === 'targets'
  const finding = describeElsewhere(apart, isRefused ? 'error' : 'warning')
  const left = new Set(apart.map(({ id }) => id))
  return isRefused
    ? err([finding])
    : ok({ ids: new Set([...asked].filter((id) => !left.has(id))), findings: [finding] })
}

function chooseAsked(
  order: AppliedOrder,
  { request, ...known }: RollbackChoice,
): Result<ReadonlySet<MigrationId>, readonly Diagnostic[]> {
  switch (request.kind) {
    case 'all':
      return ok(new Set(order.rows.map((row) => row.id)))
    case 'steps':
      return ok(new Set(latest(order, checkCount(request.count)).map((row) => row.id)))
    case 'to':
      return chooseAfter(order, request.id)
    case 'target':
      return chooseTarget(order, request.id, request.dependents)
    case 'targets':
      return chooseTargets(order, request.ids)
    case 'run':
      return chooseRun(order, request.runId, known)
  }
}

function latest(order: AppliedOrder, count: number): readonly MigrationRow[] {
  const isApart = isElsewhereRow(order.graph)
  return order.rows.filter((row) => !isApart(row)).slice(0, count)
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

/** Rows whose order was not recorded are ordered as a plan would order them. */
function isAppliedAfter(row: MigrationRow, than: MigrationRow): boolean {
  const order = compareApplied(row, than)
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
