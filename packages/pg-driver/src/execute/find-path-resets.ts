import type { Diagnostic, PlanStep } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { type ExecutableStep, sqlOf } from '../script/step-script.ts'

const RESETS =
  /^(?:RESET\s+(?:ALL|search_path)|SET\s+(?:SESSION\s+|LOCAL\s+)?search_path\s*(?:=|\s|TO\s)\s*DEFAULT|DISCARD\s+ALL)\b/i

const PROBLEM = {
  code: 'TM7042',
  severity: 'error',
  message: 'this ends the search path of the run: the session did not begin with it',
  help: 'write SET search_path with the names, or remove the statement; each file begins with the search path',
} as const

/**
 * Finds statements that set the search_path back, in a session that would then have another one than the run:
 * behind a pooler and in an embedded database that others share, it could not begin with the search path.
 */
export function findPathResets(
  steps: readonly PlanStep[],
  connection: Connection,
  { searchPath }: Pick<EngineSettings, 'searchPath'>,
): readonly Diagnostic[] {
  const isSetLater = connection.sessionSettings.some((statement) => statement.includes("'search_path'"))
  if (searchPath === null || !isSetLater) return []
  return steps.filter(isExecutable).flatMap((step) => {
    const { source, up } = sqlOf(step)
    return up
      .filter(({ codeStart, codeEnd }) => RESETS.test(source.text.slice(codeStart, codeEnd)))
      .map(({ codeStart: start, codeEnd: end }) => ({ ...PROBLEM, source, span: { start, end } }))
  })
}

function isExecutable(step: PlanStep): step is ExecutableStep {
  return step.kind === 'apply' || step.kind === 'roll_back'
}
