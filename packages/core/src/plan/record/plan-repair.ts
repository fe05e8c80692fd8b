import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { suggest } from '../../diagnostic/suggest.ts'
import { findNode, type MigrationGraph } from '../../graph/migration-graph.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'
import { err, ok, type Result } from '../../result.ts'
import { describeChange } from '../changes/describe-change.ts'
import { describeDifference } from '../changes/describe-difference.ts'
import { describeHalfRolledBack } from '../changes/describe-half-rolled-back.ts'
import { changeSeverity, findChanges } from '../changes/find-changes.ts'
import { findLateDependencies } from '../changes/find-late-dependencies.ts'
import { describeOrphan } from '../changes/find-orphan-findings.ts'
import { findRenamed } from '../changes/find-renamed.ts'
import { findOrphans } from '../history/find-orphans.ts'
import type { History, MigrationRow, StoredMigration } from '../history/history.ts'
import { type HistoryIndex, indexHistory } from '../history/history-index.ts'
import { findDue } from '../pending/find-due.ts'
import { completePlan } from '../plan/complete-plan.ts'
import type { MigrationPlan, PlanStep } from '../plan/plan.ts'

/** What {@link planRepair} reads. */
export interface PlanRepairInput {
  readonly graph: MigrationGraph
  readonly history: History
  /** The stored texts of what `listIdsToLoad` names. */
  readonly stored: ReadonlyMap<MigrationId, StoredMigration>
  /** What to repair; empty: every difference that needs no review. */
  readonly ids: readonly MigrationId[]
  /** Mends also what refuses a run: somebody has looked at it. */
  readonly adopt: boolean
}

/**
 * Compares files with their records, and decides which records are updated to the file as it is now. Nothing
 * is executed. A difference in what ran needs its id and `adopt`; a renamed file takes the place of the row
 * that has no file.
 *
 * @returns the plan, whose findings are the differences; or TM2007 for an unknown id, TM7015 where nothing
 *   differs, TM4001 or TM4003 where a look is needed, TM4002 where there is no file to store.
 * @example planRepair({ graph, history, stored, ids: [], adopt: false })
 */
export function planRepair(input: PlanRepairInput): Result<MigrationPlan, readonly Diagnostic[]> {
  const { graph, history, adopt } = input
  const differences = findDifferences(input)
  const asked = new Set(input.ids)
  const problems = [...asked].flatMap((id) => findProblems(input, differences, id))
  if (problems.length > 0) return err(problems)
  const isChosen = (one: (typeof differences)[number]) =>
    asked.size === 0 ? one.repair === 'plain' : isNamed(one, asked)
  const chosen = differences.filter(isChosen)
  const reported = asked.size === 0 ? differences : chosen
  return ok(
    completePlan({
      direction: 'up',
      request: { action: 'repair', ids: [...asked].sort(), adopt },
      steps: chosen.flatMap((one) => one.steps),
      findings: reported.flatMap((one) => one.findings),
      total: graph.nodes.length,
      leftOut: differences.filter((one) => !isChosen(one)).map((one) => one.id),
      graph,
      history,
    }),
  )
}

/** One difference between files and database. */
interface Difference {
  readonly id: MigrationId
  /** Other names by which it may be asked for. */
  readonly also: readonly MigrationId[]
  /**
   * `plain`: adopted without a review; `review`: only by name with `adopt`; `none`: there is nothing to adopt.
   */
  readonly repair: 'plain' | 'review' | 'none'
  readonly steps: readonly PlanStep[]
  /** Never errors: a repair is not refused because of what it repairs. */
  readonly findings: readonly Diagnostic[]
}

function findDifferences(input: PlanRepairInput): readonly Difference[] {
  const index = indexHistory(input.history)
  const changed = input.graph.nodes.flatMap(({ migration }) => findChanged(migration, index, input))
  return [...changed, ...findOrphaned(index, input)]
}

function findChanged(
  migration: Migration,
  index: HistoryIndex,
  { graph, stored }: PlanRepairInput,
): readonly Difference[] {
  const { id } = migration
  const row = index.rows.get(id)
  const text = stored.get(id)
  const node = findNode(graph, id)
  if (row?.status !== 'completed' || text === undefined || node === undefined) return []
  const change = findChanges(migration, text)
  if (change === undefined) return []
  const late = findLateDependencies(node, row, { graph, index })
  const isHarmless =
    change.kinds.every((kind) => changeSeverity(kind) !== 'error') &&
    late.every(({ severity }) => severity !== 'error')
  const finding = { ...describeChange(migration, text, change), detail: describeDifference(migration, text) }
  return [
    {
      id,
      also: [],
      repair: isHarmless ? 'plain' : 'review',
      steps: [{ kind: 'record', id, migration, as: 'repair' }],
      findings: [finding, ...late].map(asWarning),
    },
  ]
}

function findOrphaned(index: HistoryIndex, { graph, stored }: PlanRepairInput): readonly Difference[] {
  const orphans = findOrphans(graph, index)
  const texts = orphans.flatMap((row) => stored.get(row.id) ?? [])
  const unapplied = [...findDue({ graph, index, rerun: new Set() }).keys()].flatMap(
    (place) => graph.nodes[place]?.migration ?? [],
  )
  const renamed = findRenamed(
    texts,
    unapplied.filter(({ header, up }) => header.run === 'once' && up.statements.length > 0),
  )
  return orphans.map((row) => {
    const state = index.states.get(row.id)
    if (state?.kind !== 'half_rolled_back') return describeOrphaned(row, renamed.get(row.id))
    const findings = [asWarning(describeHalfRolledBack(row.id, state.statementsDone, undefined))]
    return { id: row.id, also: [], repair: 'none', steps: [], findings }
  })
}

function describeOrphaned(row: MigrationRow, file: Migration | undefined): Difference {
  const findings = [describeOrphan(row, 'warning', file)]
  if (file === undefined) return { id: row.id, also: [], repair: 'none', steps: [], findings }
  const help = `if it was renamed to "${file.id}", record it under that name: tidemark repair ${row.id} --adopt`
  return {
    id: row.id,
    also: [file.id],
    repair: 'review',
    steps: [{ kind: 'record', id: file.id, migration: file, as: 'repair', renamedFrom: row.id }],
    findings: findings.map((finding) => ({ ...finding, help })),
  }
}

function findProblems(
  { graph, history, adopt }: PlanRepairInput,
  differences: readonly Difference[],
  id: MigrationId,
): readonly Diagnostic[] {
  const difference = differences.find((one) => isNamed(one, new Set([id])))
  if (difference === undefined) {
    const { rows } = indexHistory(history)
    return rows.has(id) || graph.indexes.has(id)
      ? [describeSound(graph, id)]
      : [describeUnknown(graph, rows, id)]
  }
  if (difference.repair === 'none') return difference.findings.map(asError)
  if (difference.repair === 'plain' || adopt) return []
  return difference.findings.map((finding) => ({
    ...asError(finding),
    help: `check the difference first; to record the file as it is now: tidemark repair ${difference.id} --adopt`,
  }))
}

function describeSound(graph: MigrationGraph, id: MigrationId): Diagnostic {
  const source = findNode(graph, id)?.migration.source
  return {
    code: 'TM7015',
    severity: 'error',
    message: `"${id}" has nothing to repair: its record matches its file, or it is not applied`,
    ...(source === undefined ? {} : { source, span: { start: 0, end: 0 } }),
    help: 'list the differences: tidemark repair',
  }
}

function describeUnknown(
  graph: MigrationGraph,
  rows: ReadonlyMap<MigrationId, MigrationRow>,
  id: MigrationId,
): Diagnostic {
  const near = suggest(id, new Set([...graph.indexes.keys(), ...rows.keys()]))
  return {
    code: 'TM2007',
    severity: 'error',
    message: `no migration has the id "${id}"`,
    help: near === undefined ? 'list the differences: tidemark repair' : `did you mean "${near}"?`,
  }
}

function isNamed({ id, also }: Difference, asked: ReadonlySet<MigrationId>): boolean {
  return asked.has(id) || also.some((other) => asked.has(other))
}

function asWarning(finding: Diagnostic): Diagnostic {
  return { ...finding, severity: 'warning' }
}

function asError(finding: Diagnostic): Diagnostic {
  return { ...finding, severity: 'error' }
}
