import type { StatusJson } from '../schema/run-schemas.ts'
import type { DiagnosticJson } from '../schema/schemas.ts'
import { EXIT, type ExitCode } from '../terminal/exit-codes.ts'

/** What counts in {@link judgeStatus}. */
export interface StatusJudgement {
  /** Warnings about changed files count as well. */
  readonly strict: boolean
  /** Only migrations count that a readiness gate waits for. */
  readonly blocking: boolean
}

/** Gives the exit code of a status: changed (4) wins over pending (3). */
export function judgeStatus(
  { migrations, findings }: StatusJson,
  { strict, blocking }: StatusJudgement,
): ExitCode {
  if (findings.some((finding) => isChangeFinding(finding, strict ? 'warning' : 'error'))) return EXIT.changed
  const isPending = migrations.some(
    (entry) =>
      ['pending', 'failed', 'running', 'half_rolled_back'].includes(entry.state) &&
      (entry.blocking || !blocking),
  )
  return isPending ? EXIT.pending : EXIT.ok
}

/** Whether a finding is a change that is at least this severe. */
export function isChangeFinding(
  { code, severity }: Pick<DiagnosticJson, 'code' | 'severity'>,
  least: 'error' | 'warning',
): boolean {
  return code.startsWith('TM4') && (severity === 'error' || severity === least)
}
