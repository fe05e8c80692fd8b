import { TidemarkError } from '../../diagnostic/tidemark-error.ts'
import { bindMigration } from '../../migration/variables/bind-migration.ts'
import { bindText, findValue, type VariableValues } from '../../migration/variables/bind-text.ts'
import type { SourceFile } from '../../text/source-file.ts'
import type { StoredMigration } from '../history/history.ts'
import { describeMissing, listCode, namedIn } from './check-variables.ts'
import type { PlanStep } from './plan.ts'

/**
 * Gives a step with the values of its variables, as it is executed and recorded; one without variables is
 * given back as it is.
 *
 * @example plan.steps.map((step) => bindStep(step, { app_role: 'web' }))
 */
export function bindStep(step: PlanStep, values: VariableValues): PlanStep {
  if (step.kind === 'unrecord') return step
  if (step.kind === 'roll_back') return { ...step, stored: bindStored(step.stored, values) }
  return { ...step, migration: bindMigration(step.migration, values) }
}

/**
 * Gives a stored migration with what is executed of it: the stored SQL with the values that it still names.
 */
export function bindStored(stored: StoredMigration, values: VariableValues): StoredMigration {
  const { id, header, downSql, verifySql } = stored
  const { variables } = header
  if (variables === undefined) return stored
  const bind = (section: string, text: string | null): SourceFile | null => {
    if (text === null) return null
    const source = { path: `${id}.sql (@${section} as stored)`, text }
    return bindText(source, listCode(text), { variables, values, secrets: 'filled' }).source
  }
  return { ...stored, executed: { down: bind('down', downSql), verify: bind('verify', verifySql) } }
}

/**
 * Gives what is executed of a stored `@verify`.
 *
 * @throws TidemarkError TM7036 for a variable without a value.
 */
export function bindVerify(stored: StoredMigration, values: VariableValues): StoredMigration {
  const missing = namedIn(stored.verifySql ?? '', stored.header.variables).find(
    ({ name }) => findValue(values, name) === undefined,
  )
  if (missing === undefined) return bindStored(stored, values)
  throw new TidemarkError(describeMissing(stored.id, missing, values))
}
