import type { Migration } from '../../src/migration/model/migration.ts'
import type { History, MigrationRow } from '../../src/plan/history/history.ts'
import type { MigrationPlan, PlanStep } from '../../src/plan/plan/plan.ts'
import type { Result } from '../../src/result.ts'
import { completedRow } from './migration-builder.ts'

/** A history of these rows. */
export function historyOf(...rows: readonly MigrationRow[]): History {
  return { kind: 'present', rows }
}

/** The time of a test's nth minute. */
export function minute(count: number): Date {
  return new Date(Date.UTC(2026, 0, 1, 0, count))
}

/** The value of a result that is known to be sound. */
export function expectOk<T>(result: Result<T, readonly { readonly message: string }[]>): T {
  if (!result.ok) throw new Error(result.error.map((problem) => problem.message).join('\n'))
  return result.value
}

/** A plan's steps in short: `apply 001_a (pending)`, `record 002_b as squash`. */
export function stepsOf(plan: Pick<MigrationPlan, 'steps'>): readonly string[] {
  return plan.steps.map(shortStep)
}

function shortStep(step: PlanStep): string {
  switch (step.kind) {
    case 'apply':
      return `apply ${step.id} (${step.reason}${step.resumeAt === 0 ? '' : ` at ${step.resumeAt}`})`
    case 'verify':
      return `verify ${step.id}`
    case 'roll_back':
      return `roll_back ${step.id}${step.resumeAt === 0 ? '' : ` at ${step.resumeAt}`}`
    case 'record':
    case 'unrecord':
      return `${step.kind} ${step.id} as ${step.as}`
  }
}

/** A plan's findings, or a refusal's problems, in short. */
export function problemsOf(
  problems: readonly { readonly severity: string; readonly code: string; readonly message: string }[],
): readonly string[] {
  return problems.map(({ severity, code, message }) => `${severity} ${code}: ${message}`)
}

/**
 * What the rows are after a plan was executed: the model of a run, for property tests. Rolled-back rows stay,
 * as in the table.
 */
export function execute(history: History, plan: MigrationPlan, startMinute = 1000): History {
  const rows = new Map(history.kind === 'absent' ? [] : history.rows.map((row) => [row.id, row]))
  plan.steps.forEach((step, place) => {
    for (const row of rowsAfter(step, rows, minute(startMinute + place))) rows.set(row.id, row)
  })
  return { kind: 'present', rows: [...rows.values()] }
}

function rowsAfter(
  step: PlanStep,
  rows: ReadonlyMap<string, MigrationRow>,
  at: Date,
): readonly MigrationRow[] {
  const old = rows.get(step.id)
  if (step.kind === 'roll_back' || step.kind === 'unrecord') {
    const status = step.kind === 'unrecord' ? step.as : 'rolled_back'
    return old === undefined ? [] : [{ ...old, status, appliedAt: null }]
  }
  const row = completed(step.migration, old, at)
  if (step.kind !== 'record' || step.as !== 'squash') return [row]
  const setAside = step.migration.header.replaces.flatMap((id) => rows.get(id) ?? [])
  return [row, ...setAside.map((one) => ({ ...one, replacedBy: step.id }))]
}

function completed(migration: Migration, old: MigrationRow | undefined, at: Date): MigrationRow {
  const again = old?.status === 'completed'
  const earlier = again && old.checksum !== migration.checksum ? [...old.earlierChecksums, old.checksum] : []
  return completedRow(migration, {
    appliedAt: again ? old.appliedAt : at,
    lastAppliedAt: at,
    earlierChecksums: earlier,
  })
}
