import type { Migration, PlanStep, VariableValues } from '@tidemark/core'
import { bindForShadow } from '../../prefix/for-shadow.ts'

/** A step of a plan that executes SQL, as it runs on the copy. */
export interface RehearsedStep {
  /** The file as it is: places are in it. */
  readonly file: Migration
  /** What runs: with the values of its variables, from the statement on with which a run would go on. */
  readonly migration: Migration
  /** How many statements are done on the target already. */
  readonly done: number
}

/**
 * Gives the steps of a plan that execute SQL. Secret
 * values are not taken there. What they depend on is on the copy, under other ids; `@verify` is left
 * out, for the copy has no rows.
 */
export function listRehearsed(steps: readonly PlanStep[], values: VariableValues): readonly RehearsedStep[] {
  return steps.flatMap((step) => {
    if (step.kind !== 'apply') return []
    const { id, source, checksum, up, large, header } = bindForShadow(step.migration, values)
    const { environments: _, variables: __, ...rest } = header
    const migration: Migration = {
      id,
      source,
      header: { ...rest, dependsOn: [], replaces: [], run: 'once' },
      dependsOnSpans: [],
      replacesSpans: [],
      checksum,
      up: { ...up, statements: up.statements.slice(step.resumeAt) },
      down: undefined,
      verify: undefined,
      ...(large === undefined ? {} : { large }),
    }
    return [{ file: step.migration, migration, done: step.resumeAt }]
  })
}
