import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { findNode, type MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { isMergePoint, isReversible, sectionText } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { beginningOf } from '../../sql/beginning-of.ts'
import { hasCode } from '../../sql/has-code.ts'
import { sameTokens } from '../../sql/same-tokens.ts'
import { scanSql } from '../../sql/scan.ts'
import { withApplications } from '../history/application.ts'
import type { History, MigrationRow, StoredMigration } from '../history/history.ts'
import { isPartlyDone } from '../history/row-state.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { CrossBaseline, MigrationPlan, PlanStep, RollbackRequest } from '../plan/plan.ts'
import { type AppliedOrder, orderApplied } from './applied-order.ts'
import { chooseRollback } from './choose-rollback.ts'
import type { KnownRuns } from './choose-run.ts'
import {
  describeChangedBeginning,
  describeChangedWalk,
  describeDependents,
  describeIrreversible,
  describeNoText,
  describePartlyDone,
} from './rollback-problems.ts'

/** What {@link planRollback} reads. */
export interface PlanRollbackInput extends CrossBaseline, KnownRuns {
  readonly graph: MigrationGraph
  readonly history: History
  readonly request: RollbackRequest
  /** Whose `@down` runs: the one stored when the migration was applied (the default), or the file's. */
  readonly source?: 'stored' | 'files'
  /** What the user asked for, for the help; default `down`. */
  readonly command?: 'down' | 'redo'
  /**
   * The stored texts of what `listRollbackTargets` names; with `source: 'files'`, of what is half rolled back
   * among it.
   */
  readonly stored?: ReadonlyMap<MigrationId, StoredMigration>
}

/** What {@link listRollbackTargets} reads. */
export type RollbackTargetsInput = Omit<PlanRollbackInput, 'source' | 'stored'>

/**
 * Lists what a request would roll back, in order, so that the shell can read the stored SQL of just these.
 *
 * @returns the ids, or what is wrong with the request; dependents and reversibility are checked by
 *   `planRollback`.
 * @example const stored = await store.readStored(targets.value)
 */
export function listRollbackTargets(
  input: RollbackTargetsInput,
): Result<readonly MigrationId[], readonly Diagnostic[]> {
  const chosen = chooseRows(orderOf(input), input)
  return chosen.ok ? ok(chosen.value.rows.map((row) => row.id)) : chosen
}

/**
 * Decides what a rollback does: dependents before what they depend on, ties by the order of application, the
 * latest first. That order is known from `attempts`; without them, only what clocks said of it is known.
 * Every target is checked before the first one runs, and all problems are reported at once.
 *
 * @returns the plan, or TM6001 irreversible, TM6002 dependents applied or partly done, TM6003 not applied, TM6004 unknown
 *   run, TM6005 set aside by a squash, TM6006 no text, TM6010 the last run applied nothing, TM6011 recorded
 *   without being executed, TM4010 what
 *   is half rolled back was begun with other SQL, TM2007 unknown id.
 * @example planRollback({ graph, history, stored, request: { kind: 'steps', count: 1 } })
 */
export function planRollback(input: PlanRollbackInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, request, source = 'stored', command = 'down' } = input
  const order = orderOf(input)
  const chosen = chooseRows(order, input)
  if (!chosen.ok) return chosen
  const { rows, findings } = chosen.value
  const outcomes = rows.map((row) => stepOf(order, row, input))
  const problems = [
    ...findDependents(order, rows, command),
    ...findPartlyDone(order, rows),
    ...outcomes.flatMap((one) => (one.ok ? [] : one.error)),
  ]
  if (problems.length > 0) return err(problems)
  return ok(
    completePlan({
      direction: 'down',
      request: { action: 'roll_back', rollback: request, source, ...crossed(input) },
      steps: outcomes.flatMap((one) => (one.ok ? one.value : [])),
      findings: [...findings, ...findChangedWalks(order, rows, input)],
      total: graph.nodes.length,
      leftOut: [],
      graph,
      history,
    }),
  )
}

/** What a request says of the baseline, where it says anything. */
export function crossed({ beyondBaseline }: CrossBaseline): CrossBaseline {
  return beyondBaseline === undefined || beyondBaseline.length === 0 ? {} : { beyondBaseline }
}

function orderOf({ graph, history, attempts }: RollbackTargetsInput): AppliedOrder {
  return orderApplied(graph, attempts === undefined ? history : withApplications(history, attempts))
}

function chooseRows(
  order: AppliedOrder,
  input: RollbackTargetsInput,
): Result<{ rows: readonly MigrationRow[]; findings: readonly Diagnostic[] }, readonly Diagnostic[]> {
  const chosen = chooseRollback(order, { ...input, command: input.command ?? 'down' })
  if (!chosen.ok) return chosen
  const { ids, findings } = chosen.value
  return ok({ rows: order.rows.filter((row) => ids.has(row.id)), findings })
}

function findDependents(
  order: AppliedOrder,
  rows: readonly MigrationRow[],
  command: 'down' | 'redo',
): readonly Diagnostic[] {
  const chosen = new Set(rows.map((row) => row.id))
  return rows.flatMap((row) => {
    const left = order.listDependents(row.id).filter((id) => !chosen.has(id))
    return left.length === 0 ? [] : describeDependents(order, row.id, { dependents: left, command })
  })
}

/** What is partly done would go on after its place, on a schema that was made anew, and leave out the rest. */
function findPartlyDone(order: AppliedOrder, rows: readonly MigrationRow[]): readonly Diagnostic[] {
  const half = [...order.index.rows.values()].filter(isPartlyDone)
  return rows.flatMap(({ id }) => {
    const left = half.filter((row) => row.dependsOn.some((needed) => order.find(needed)?.id === id))
    return left.length === 0
      ? []
      : describePartlyDone(
          order,
          id,
          left.map((row) => row.id),
        )
  })
}

function stepOf(
  order: AppliedOrder,
  row: MigrationRow,
  { source = 'stored', stored, command = 'down' }: PlanRollbackInput,
): Result<PlanStep, readonly Diagnostic[]> {
  const text = source === 'stored' ? standingText(stored?.get(row.id)) : textOfFile(order, row)
  if (!canRollBack(order, row, text, source)) return err([describeIrreversible(order, row.id, source)])
  if (text === undefined) return err([describeNoText(order, row.id, { source, command })])
  const state = order.index.states.get(row.id)
  const resumeAt = state?.kind === 'half_rolled_back' ? state.statementsDone : 0
  const begun = standingText(stored?.get(row.id))
  if (source === 'files' && !sameBeginning(begun, text, resumeAt)) {
    return err([
      describeChangedBeginning(order, row.id, { done: resumeAt, isStored: begun?.downSql != null }),
    ])
  }
  const { application } = row
  const known = application === undefined ? {} : { application }
  return ok({ kind: 'roll_back', id: row.id, stored: text, resumeAt, ...known })
}

/** Walks of a `@down` in batches that go on with other statements than they began with. */
function findChangedWalks(
  order: AppliedOrder,
  rows: readonly MigrationRow[],
  { source, stored }: PlanRollbackInput,
): readonly Diagnostic[] {
  if (source !== 'files') return []
  return rows.flatMap((row) => {
    const begun = standingText(stored?.get(row.id))
    const ran = (begun?.template ?? begun)?.downSql ?? ''
    const now = textOfFile(order, row)?.downSql ?? ''
    if (row.progress?.direction !== 'down' || sameTokens(ran, now)) return []
    return [describeChangedWalk(order, row.id, row.progress)]
  })
}

/** What is applied is what is rolled back, also where a later version was tried since. */
function standingText(text: StoredMigration | undefined): StoredMigration | undefined {
  return text?.inForce ?? text
}

/** What is done may not have changed since: it would neither be run again nor be what the file says. */
function sameBeginning(begun: StoredMigration | undefined, text: StoredMigration, done: number): boolean {
  if (done === 0) return true
  const ran = beginningOf((begun?.template ?? begun)?.downSql ?? '', done)
  const now = beginningOf(text.downSql ?? '', done)
  const isSame = ran !== undefined && now !== undefined && sameTokens(ran, now)
  return isSame && text.header.transaction === 'none'
}

/** A merge point has nothing to undo: rolling it back is always possible. */
function canRollBack(
  order: AppliedOrder,
  row: MigrationRow,
  text: StoredMigration | undefined,
  source: 'stored' | 'files',
): boolean {
  const file = findNode(order.graph, row.id)?.migration
  const own = file?.id === row.id ? file : undefined
  if (source === 'files') return own === undefined || isReversible(own)
  if (own !== undefined && own.checksum === row.checksum && isMergePoint(own)) return true
  return text === undefined ? row.reversible : hasStatement(text.downSql ?? '') || isStoredMergePoint(text)
}

function isStoredMergePoint({ header, upSql }: StoredMigration): boolean {
  const joins = header.type === 'custom_sql' && header.tags.includes('merge') && header.dependsOn.length >= 2
  return joins && !hasStatement(upSql)
}

function hasStatement(sql: string): boolean {
  return scanSql(sql).statements.some((statement) => hasCode(sql, statement))
}

function textOfFile(order: AppliedOrder, row: MigrationRow): StoredMigration | undefined {
  const file = findNode(order.graph, row.id)?.migration
  if (file === undefined || file.id !== row.id) return undefined
  const { id, checksum, header, up, down, verify, downVerdict } = file
  return {
    id,
    checksum,
    header,
    ...(downVerdict === undefined ? {} : { downVerdict }),
    upSql: sectionText(file, up),
    downSql: down === undefined ? null : sectionText(file, down),
    verifySql: verify === undefined ? null : sectionText(file, verify),
  }
}
