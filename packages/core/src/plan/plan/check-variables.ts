import { sha256Hex } from '../../checksum/checksum.ts'
import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import { findHeaderEntries } from '../../migration/header/header-entries.ts'
import { listHeaderLines } from '../../migration/header/header-lines.ts'
import { readHeaderVariables } from '../../migration/header/header-variables.ts'
import type { HeaderVariable, Migration } from '../../migration/model/migration.ts'
import { findValue, type VariableValues } from '../../migration/variables/bind-text.ts'
import { findReferences } from '../../migration/variables/find-references.ts'
import { scanSql } from '../../sql/scan.ts'
import { compareCodeUnits } from '../../text/compare-code-units.ts'
import type { Span } from '../../text/span.ts'
import type { PlanStep } from './plan.ts'

/** What a plan needs of the values of variables. */
export interface CheckedVariables {
  /** TM7036 and TM7037, errors: nothing runs before every value is there. */
  readonly missing: readonly Diagnostic[]
  /** Over the values that are not secret; undefined where no step has one. */
  readonly valuesDigest: string | undefined
}

/**
 * Finds the variables of a plan's steps that have no value, or one that cannot be sent. A rollback needs
 * those that its stored SQL still names: the secret ones.
 */
export function checkVariables(steps: readonly PlanStep[], values: VariableValues): CheckedVariables {
  const missing: Diagnostic[] = []
  const shown: (readonly [id: string, name: string, value: string])[] = []
  for (const step of steps) {
    for (const variable of neededBy(step)) {
      const { name, secret } = variable
      const value = findValue(values, name)
      const problem =
        value === undefined ? describeMissing(step.id, variable, values) : findNul(step.id, name, value)
      if (problem !== undefined) missing.push(placed(step, name, problem))
      else if (!secret && value !== undefined) shown.push([step.id, name, value])
    }
  }
  const sorted = shown.sort((a, b) => compareCodeUnits(a.join('\0'), b.join('\0')))
  return { missing, valuesDigest: sorted.length === 0 ? undefined : sha256Hex(JSON.stringify(sorted)) }
}

function neededBy(step: PlanStep): readonly HeaderVariable[] {
  if (step.kind === 'apply' || step.kind === 'verify') return step.migration.header.variables ?? []
  if (step.kind !== 'roll_back') return []
  const { header, downSql } = step.stored
  return namedIn(downSql ?? '', header.variables)
}

/**
 * Lists the variables that a stored text still names.
 *
 * @example namedIn("ALTER ROLE app PASSWORD :'pw'", [{ name: 'pw', secret: true }]).length // 1
 */
export function namedIn(text: string, variables: readonly HeaderVariable[] = []): readonly HeaderVariable[] {
  if (variables.length === 0) return []
  const names = new Set(variables.map(({ name }) => name))
  const found = new Set<string>()
  for (const span of listCode(text)) for (const { name } of findReferences(text, span, names)) found.add(name)
  return variables.filter(({ name }) => found.has(name))
}

/** Where a stored text has code: data of a COPY is none. */
export function listCode(text: string): readonly Span[] {
  return scanSql(text).statements.map(({ codeStart, codeEnd }) => ({ start: codeStart, end: codeEnd }))
}

type Problem = Pick<Diagnostic, 'code' | 'message' | 'help'>

/** TM7036: a variable has no value here. */
export function describeMissing(
  id: string,
  { name }: Pick<HeaderVariable, 'name'>,
  values: VariableValues,
): Problem {
  const code = 'TM7036'
  const message = `"${id}" needs the variable "${name}", which has no value`
  const given = Object.hasOwn(values, name) ? values[name] : undefined
  if (typeof given === 'object') {
    return {
      code,
      message: `${message}: "${given.unset}" is not set`,
      help: `set ${given.unset}, or give "${name}" another value under "variables" of the configuration`,
    }
  }
  return {
    code,
    message,
    help: `give it one under "variables" of the configuration, or of its environment: { "variables": { "${name}": "…" } }`,
  }
}

function findNul(id: string, name: string, value: string): Problem | undefined {
  if (!value.includes('\0')) return undefined
  return {
    code: 'TM7037',
    message: `the value of the variable "${name}" of "${id}" holds a NUL character`,
    help: 'PostgreSQL cannot store NUL: remove it from the value',
  }
}

function placed(step: PlanStep, name: string, problem: Problem): Diagnostic {
  const migration = step.kind === 'roll_back' ? undefined : step.migration
  if (migration == null) return { severity: 'error', ...problem }
  return diagnose(migration.source, { ...problem, span: findName(migration, name) })
}

/** Where the header declares a name. */
function findName({ source, up, down, verify }: Migration, name: string): Diagnostic['span'] {
  const markers = [up, down, verify].flatMap((section) => section?.marker.start ?? [])
  const lines = listHeaderLines(source.text, Math.min(...markers))
  const entry = findHeaderEntries(source, lines).entries.get('variables')
  if (entry === undefined) return undefined
  const { variables, spans } = readHeaderVariables(source, entry)
  return spans[variables.findIndex((variable) => variable.name === name)]
}
