import type { DoctorJson } from '../schema/setup-schemas.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../terminal/exit-codes.ts'

/** The exit code of `doctor`: that of the first problem. */
export function judgeDoctor({ checks }: Pick<DoctorJson, 'checks'>): ExitCode {
  const problem = checks.find(({ state }) => state === 'problem')
  if (problem === undefined) return EXIT.ok
  return problem.code === null ? EXIT.failed : exitCodeOf(problem.code)
}
