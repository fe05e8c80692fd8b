import type { MigrationId, PlanStep, TidemarkError } from '@tidemark/core'
import { applyUnwrapped } from './apply-unwrapped.ts'
import { execute } from './compiled-statement.ts'
import type { ExecutionContext } from './execution-context.ts'
import { adoptStatement, resetStatement } from './mark.ts'

/**
 * Does a step that is no transaction of its file's SQL: a record without executing, or a non-transactional migration.
 *
 * @returns why it failed; undefined when it is done.
 */
export async function runAlone(
  context: ExecutionContext,
  step: PlanStep,
  done: readonly MigrationId[],
): Promise<TidemarkError | undefined> {
  const { connection, settings, run } = context
  switch (step.kind) {
    case 'record': {
      const direction = step.as === 'baseline' ? 'baseline' : 'mark'
      const details = step.as === 'squash' ? { details: { as: 'squash' } } : {}
      await execute(
        connection,
        adoptStatement(settings.schema, { migrations: [step.migration], direction, run, ...details }),
      )
      return undefined
    }
    case 'unrecord':
      await execute(connection, resetStatement(settings.schema, { ids: [step.id], status: step.as, run }))
      return undefined
    default:
      return applyUnwrapped(context, step, done)
  }
}
