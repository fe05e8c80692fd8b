import type { TidemarkError } from '@tidemark/core'
import type { DoctorJson } from '../schema/setup-schemas.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../terminal/exit-codes.ts'

/** One thing that was looked at, with the verdict and the next action. */
export type Check = DoctorJson['checks'][number]
type Area = Check['area']

/** Makes a check without a code. */
export function check(area: Area, state: Check['state'], message: string, help: string | null = null): Check {
  return { area, state, message, help, code: null }
}

/** Makes a check of an error. */
export function errorCheck(area: Area, state: Check['state'], error: TidemarkError): Check {
  return { area, state, message: error.message, help: error.help ?? null, code: error.code }
}

/** The exit code of `doctor`: that of the first problem. */
export function doctorExitCode({ checks }: Pick<DoctorJson, 'checks'>): ExitCode {
  const problem = checks.find(({ state }) => state === 'problem')
  if (problem === undefined) return EXIT.ok
  return problem.code === null ? EXIT.failed : exitCodeOf(problem.code)
}
