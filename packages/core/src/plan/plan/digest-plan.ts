import { sha256Hex } from '../../checksum/checksum.ts'
import { findNode, type MigrationGraph } from '../../graph/migration-graph.ts'
import type { DownVerdict } from '../../migration/model/down-verdict.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { compareCodeUnits } from '../../text/compare-code-units.ts'
import type { History, MigrationRow } from '../history/history.ts'
import { compareFile } from '../history/row-state.ts'
import type { MigrationPlan, PlanBasisRow, PlanStep } from './plan.ts'

/** The parts of a plan that its digest covers. */
export type DigestedPlan = Pick<MigrationPlan, 'formatVersion' | 'request' | 'basis' | 'valuesDigest'> & {
  readonly steps: readonly PlanStep[]
}

/**
 * Gives the SHA-256 by which a saved plan is compared: format version, ordered (action, id, checksum), what
 * was asked for, the rows that the plan rests on, and the values of variables that are not secret. Timestamps, errors and the target are outside. 64 hex
 * digits.
 *
 * @example digestPlan(plan) === plan.digest // true
 */
export function digestPlan(plan: DigestedPlan): string {
  const { formatVersion, request, basis, valuesDigest } = plan
  const steps = plan.steps.map((step) => ({
    action: describeAction(step),
    id: step.id,
    checksum: checksumOf(step),
  }))
  return digestDocument({ formatVersion, request, steps, rows: basis, valuesDigest })
}

/** The parts of a saved plan that its digest covers. */
export interface DigestedDocument {
  readonly formatVersion: number
  readonly request: MigrationPlan['request']
  readonly steps: readonly {
    readonly action: string
    readonly id: MigrationId
    readonly checksum: string
  }[]
  readonly rows: readonly PlanBasisRow[]
  readonly valuesDigest?: string | undefined
}

/**
 * Gives the digest of a plan that is written down: equal to {@link digestPlan} as long as nobody edits it.
 */
export function digestDocument(document: DigestedDocument): string {
  const steps = document.steps.map((step) => [step.action, step.id, step.checksum])
  const rows = document.rows.map((row) => [row.id, row.status, row.checksum, row.statementsDone])
  const parts = [document.formatVersion, steps, canonical(document.request), rows]
  const values = document.valuesDigest === undefined ? [] : [document.valuesDigest]
  return sha256Hex(JSON.stringify([...parts, ...values]))
}

/**
 * Gives a step's action in one word, as a saved plan and its digest write it: `apply`, `record:squash`, ….
 *
 * @example describeAction(plan.steps[0]) // 'apply'
 */
export function describeAction(step: PlanStep): string {
  return step.kind === 'record' || step.kind === 'unrecord' ? `${step.kind}:${step.as}` : step.kind
}

/** The checksum that a step rests on; empty when its migration has neither file nor stored text. */
export function checksumOf(step: PlanStep): string {
  return step.kind === 'roll_back' ? step.stored.checksum : (step.migration?.checksum ?? '')
}

/**
 * The rows that a plan rests on: those that are not `pending`, sorted by id. A missing table and an empty one
 * are the same. A run refreshes the text of rows that are not completed before it plans, so these count with
 * their file's checksum: a plan made before that is the one made after it.
 */
export function listBasis(graph: MigrationGraph, history: History): readonly PlanBasisRow[] {
  if (history.kind === 'absent') return []
  return history.rows
    .filter((row) => row.status !== 'pending')
    .map((row) => ({
      id: row.id,
      // Under the run lock a running row belongs to a dead runner, and the run begins by saying so.
      status: row.status === 'running' ? 'failed' : row.status,
      checksum: checksumAtRun(graph, row),
      statementsDone: row.statementsDone,
    }))
    .sort((a, b) => compareCodeUnits(a.id, b.id))
}

function checksumAtRun(graph: MigrationGraph, row: MigrationRow): string {
  const refreshed = (row.status === 'failed' || row.status === 'rolled_back') && row.statementsDone === null
  const file = refreshed ? findNode(graph, row.id)?.migration : undefined
  return file?.id === row.id && compareFile(file, row) === 'different' ? file.checksum : row.checksum
}

/**
 * Gives the digest of what a saved plan carries of its rehearsal. It belongs to one plan: it cannot be moved to
 * another one.
 */
export function digestRehearsal(
  planDigest: string,
  {
    catalog,
    baseMs,
    report,
  }: { readonly catalog: object; readonly baseMs: object; readonly report: unknown },
): string {
  return sha256Hex(JSON.stringify([planDigest, canonical(catalog), canonical(baseMs), canonical(report)]))
}

/** Gives the digest of the verdicts that a saved plan carries; like that of a rehearsal, it belongs to one plan. */
export function digestDownVerdicts(
  planDigest: string,
  verdicts: Readonly<Record<MigrationId, DownVerdict>>,
): string {
  return sha256Hex(JSON.stringify([planDigest, 'down verdicts', canonical(verdicts)]))
}

/** The same value with keys in one order, so that equal requests give equal text. */
function canonical(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(canonical)
  if (value === null || typeof value !== 'object') return value
  return Object.entries(value)
    .filter(([, part]) => part !== undefined)
    .sort(([a], [b]) => compareCodeUnits(a, b))
    .map(([key, part]) => [key, canonical(part)])
}
