import { errorPage, TidemarkError } from '@tidemark/core'
import { errorToJson } from '../failure/error-to-json.ts'
import { presentFailure } from '../failure/present-failure.ts'
import { isStepFailure } from '../failure/present-step-failure.ts'
import { writeJson } from '../output/write-json.ts'
import { type FailureMode, presentRunFailure } from '../run/present-run-failure.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../terminal/exit-codes.ts'
import { writeCrashReport } from './crash-report.ts'
import { describeDiskFailure } from './disk-failure.ts'
import type { Runtime } from './runtime.ts'

/** How a failure is reported. */
export interface ReportOptions {
  readonly json: boolean
  readonly verbose: boolean
  readonly targetFlags: string
  /** Failures that were written while they happened. */
  readonly reported?: readonly TidemarkError[]
  /** What the run did after a failure. */
  readonly failureMode?: FailureMode
}

/**
 * Reports a failure, as JSON on stdout or as text on stderr, and gives the exit code. What is not a
 * TidemarkError is our bug: it is reported as TM7099, with details in a file.
 */
export function reportFailure(error: unknown, runtime: Runtime, options: ReportOptions): ExitCode {
  const known =
    error instanceof TidemarkError ? error : (describeDiskFailure(error) ?? crashed(error, runtime))
  if (options.json) {
    const { targetFlags } = options
    writeJson(errorToJson(known), { targetFlags, redactor: runtime.redactor })
  } else {
    const text = describe(known, runtime, options)
    if (text !== '') process.stderr.write(`${text}\n`)
    process.stderr.write(`${presentPages(known, runtime)}\n`)
  }
  return runtime.interrupts.exitCode ?? exitCodeOfFailure(known)
}

/** Exit code 2 says that nothing was done: a run that applied something before has failed. */
function exitCodeOfFailure({ code, details }: TidemarkError): ExitCode {
  const exit = exitCodeOf(code)
  const applied: unknown = 'applied' in details ? details.applied : undefined
  const isPartial = Array.isArray(applied) && applied.length > 0
  return exit === EXIT.refused && isPartial ? EXIT.failed : exit
}

function describe(error: TidemarkError, { terminal }: Runtime, options: ReportOptions): string {
  const paint = terminal.problemPaint
  const isReported = options.reported?.some((one) => one.isSameAs(error))
  const failure = isReported === true ? [] : [presentFailure(error, { ...options, paint })]
  if (isReported !== true && !isStepFailure(error)) return failure.join('')
  return [...failure, presentRunFailure(error, options.failureMode ?? 'stop', paint) ?? []].flat().join('\n')
}

/** The pages of what was refused: one line for each code, at the end. */
function presentPages({ code, diagnostics }: TidemarkError, { terminal }: Runtime): string {
  const errors = diagnostics.filter(({ severity }) => severity === 'error')
  const codes = new Set(errors.length === 0 ? [code] : errors.map((diagnostic) => diagnostic.code))
  return [...codes].map((one) => `${terminal.problemPaint.cyan('see')}: ${errorPage(one)}`).join('\n')
}

function crashed(error: unknown, runtime: Runtime): TidemarkError {
  const path = writeCrashReport(error, runtime)
  const message = error instanceof Error ? error.message : String(error)
  return new TidemarkError({
    code: 'TM7099',
    message: `internal error: ${message}`,
    help:
      path === undefined
        ? 'this is a bug in tidemark; please report it with the output of `--verbose`'
        : `this is a bug in tidemark; please report it with the file "${path}"`,
    details: { report: path ?? null },
    cause: error,
  })
}
