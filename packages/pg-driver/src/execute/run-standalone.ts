import type { PlanStep, RunIdentity } from '@tidemark/core'
import type { ExecutionContext } from '../engine/execution-context.ts'
import { batchedStep } from '../script/step-script.ts'
import { type CompiledStatement, execute } from '../statement/compiled-statement.ts'
import { recordNotAppliedStatement, recordOnlyAppliedStatement } from '../tracking/write/record-only.ts'
import { recordRenamedStatement } from '../tracking/write/record-renamed.ts'
import { applyAutocommit } from './autocommit/apply-autocommit.ts'
import { applyBatched } from './batched/apply-batched.ts'
import { COMMITTED, type StandaloneOutcome } from './outcome.ts'
import { applyStreamed, type StepSurroundings } from './streamed/apply-streamed.ts'

/**
 * Does a step that cannot be sent among others: a non-transactional migration, a large file, a step whose
 * losses are saved, or a record without executing.
 */
export async function runStandalone(
  context: ExecutionContext,
  step: PlanStep,
  surroundings: StepSurroundings,
): Promise<StandaloneOutcome> {
  const { connection, settings, run } = context
  const batched = batchedStep(step)
  if (batched !== undefined) return applyBatched(context, batched, surroundings.done)
  switch (step.kind) {
    case 'record':
    case 'unrecord':
      await execute(connection, recordStatement(settings.schema, [step], run))
      return COMMITTED
    case 'apply':
      return step.migration.header.transaction === 'required'
        ? applyStreamed(context, step, surroundings)
        : applyAutocommit(context, step, surroundings.done)
    case 'roll_back':
      return step.stored.header.transaction === 'required'
        ? applyStreamed(context, step, surroundings)
        : applyAutocommit(context, step, surroundings.done)
    default:
      return applyAutocommit(context, step, surroundings.done)
  }
}

/** A step that is recorded without executing anything. */
export type RecordStep = Extract<PlanStep, { readonly kind: 'record' | 'unrecord' }>

/** Tells whether two records can be one statement: then all of them are written or none. */
export function isRecordedWith(step: PlanStep | undefined, first: PlanStep): step is RecordStep {
  const isRename = [step, first].some((one) => one?.kind === 'record' && one.renamedFrom !== undefined)
  return (
    step !== undefined &&
    !isRename &&
    step.kind === first.kind &&
    'as' in step &&
    'as' in first &&
    step.as === first.as
  )
}

/** Builds the one statement that writes records of one kind. */
export function recordStatement(
  schema: string,
  steps: readonly RecordStep[],
  run: RunIdentity,
): CompiledStatement {
  const [first] = steps
  if (first === undefined) throw new TypeError('nothing to record')
  if (first.kind === 'unrecord') {
    return recordNotAppliedStatement(schema, { ids: steps.map(({ id }) => id), status: first.as, run })
  }
  if (first.renamedFrom !== undefined) {
    return recordRenamedStatement(schema, { migration: first.migration, renamedFrom: first.renamedFrom, run })
  }
  const migrations = steps.flatMap((step) => (step.kind === 'record' ? [step.migration] : []))
  const direction = first.as === 'squash' ? 'mark' : first.as
  const details = first.as === 'squash' ? { details: { as: 'squash' } } : {}
  return recordOnlyAppliedStatement(schema, { migrations, direction, run, ...details })
}
