import {
  type Application,
  formatRelationName,
  isRefused,
  lineAndColumn,
  type MigrationPlan,
  type PlanBasisRow,
  type PlanStep,
  type PlanSummary,
  type RelationName,
  type RunResult,
} from '@tidemark/core'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import type { PlanJson } from '../schema/run-schemas.ts'
import { progressToJson } from '../text/progress.ts'
import { targetToJson } from '../text/target.ts'
import type { BatchExtents, PlanToShow } from './read-plan-to-show.ts'

/** The document of `plan --json`: what `plan` prints is made from it too. */
export function planToJson(
  plan: MigrationPlan,
  summary: PlanSummary,
  {
    target,
    estimatedRows,
    batchExtents,
  }: Pick<RunResult, 'target' | 'estimatedRows'> & Partial<Pick<PlanToShow, 'batchExtents'>>,
): PlanJson {
  const planned = new Set(plan.steps.map(({ id }) => id))
  const rolledBack = new Set(plan.steps.flatMap(({ kind, id }) => (kind === 'roll_back' ? [id] : [])))
  const states = new Map(plan.basis.map(({ id, status }) => [id, STATES[status]]))
  return {
    target: targetToJson(target),
    direction: plan.direction,
    digest: plan.digest,
    total: plan.total,
    refused: isRefused(plan),
    steps: plan.steps.map((step, place) => {
      const known = summary.steps[place]
      return {
        id: step.id,
        action: known?.action ?? step.kind,
        reason: reasonOf(step, {
          isAgain: rolledBack.has(step.id),
          state: states.get(step.id) ?? STATES.pending,
        }),
        path: 'migration' in step ? (step.migration?.source.path ?? null) : null,
        after: dependenciesOf(step).filter((id) => planned.has(id)),
        transaction: known?.transaction ?? 'required',
        statements: known?.statements ?? 0,
        sql: step.kind === 'roll_back' ? step.stored.downSql : null,
        ...(step.kind === 'roll_back' && step.application !== undefined
          ? { applied: appliedOf(step.application) }
          : {}),
        ...batchesOf(step, batchExtents?.get(step.id)),
        ...downOf(step),
        remarks: (known?.remarks ?? []).map(({ kind, words, source, span, relations }) => ({
          kind,
          words,
          ...rowsOf(step.kind === 'roll_back' ? relations : undefined, estimatedRows),
          line: source === undefined || span === undefined ? null : lineAndColumn(source, span.start).line,
        })),
      }
    }),
    ...(rolledBack.size === 0
      ? {}
      : { stays: plan.basis.filter((row) => isStaying(row, rolledBack)).length }),
    leftOut: [...plan.leftOut],
    findings: plan.findings.map(diagnosticToJson),
  }
}

/** What is known of the `@down` that runs, or would run later. */
function downOf(step: PlanStep): Pick<PlanJson['steps'][number], 'down'> {
  if (step.kind === 'roll_back') return { down: step.stored.downVerdict ?? null }
  return step.kind === 'apply' && step.migration.down !== undefined
    ? { down: step.migration.downVerdict ?? null }
    : {}
}

/** The rows of all these tables together, where each is known. */
function rowsOf(relations: readonly RelationName[] = [], estimates: RunResult['estimatedRows']) {
  const rows = relations.map((relation) => estimates?.get(formatRelationName(relation)))
  if (rows.length === 0) return {}
  const sum = rows.reduce<number | undefined>(
    (all, one) => (all === undefined || one === undefined ? undefined : all + one),
    0,
  )
  return sum === undefined ? {} : { rows: sum }
}

type Extent = BatchExtents extends ReadonlyMap<string, infer E> ? E : never

function batchesOf(step: PlanStep, extent: Extent | undefined): Pick<PlanJson['steps'][number], 'batches'> {
  const batches = step.kind === 'apply' ? step.migration.header.batches : undefined
  if (batches === undefined) return {}
  const { table, column, size } = batches
  const { rows = null, first = null, last = null, progress = null } = extent ?? {}
  const count = size === null || rows === null ? null : Math.ceil(rows / size)
  return {
    batches: {
      table,
      column,
      size,
      rows,
      first,
      last,
      count,
      progress: progress && progressToJson(progress),
    },
  }
}

function appliedOf({ executedAt, how, runId, executedBy }: Application) {
  return { at: executedAt.toISOString(), how, runId, executedBy }
}

function isStaying({ id, status }: PlanBasisRow, rolledBack: ReadonlySet<string>): boolean {
  return status === 'completed' && !rolledBack.has(id)
}

const REASONS = {
  pending: 'pending',
  failed: 'failed last time',
  changed: 'changed',
  dependency_changed: 'follows a changed one',
  requested: 'asked for',
  resumed: 'goes on',
} as const

function reasonOf(
  step: PlanStep,
  { isAgain, state }: { readonly isAgain: boolean; readonly state: string },
): string | null {
  switch (step.kind) {
    case 'apply': {
      if (step.resumeAt > 0) return `goes on at statement ${step.resumeAt + 1}`
      return isAgain ? 'again' : REASONS[step.reason]
    }
    case 'roll_back':
      return step.resumeAt > 0 ? `goes on at statement ${step.resumeAt + 1}` : null
    case 'record':
      return step.as === 'squash'
        ? null
        : `${state} → ${step.as === 'repair' ? 'as the file is now' : 'applied'}`
    case 'unrecord':
      return `${state} → ${STATES[step.as]}`
    default:
      return null
  }
}

const STATES = {
  pending: 'pending',
  running: 'running',
  completed: 'applied',
  failed: 'failed',
  rolled_back: 'rolled back',
} as const

function dependenciesOf(step: PlanStep): readonly string[] {
  if (step.kind === 'roll_back') return []
  return step.migration?.header.dependsOn ?? []
}
