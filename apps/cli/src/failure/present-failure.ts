import type { Diagnostic, TidemarkError } from '@tidemark/core'
import { formatDiagnostic } from '@tidemark/core'
import { hideInDiagnostic } from '../redact/hide-in-diagnostic.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'
import { addTargetFlags } from '../text/target-flags.ts'
import { isStepFailure, presentStepFailure } from './present-step-failure.ts'

/** How {@link presentFailure} writes. */
export interface FailureOptions {
  readonly paint: Paint
  /** What suggested commands repeat, see `targetFlags`. */
  readonly targetFlags: string
  /** The stack and those of its causes come after the problem. */
  readonly verbose: boolean
}

/**
 * Writes a failure for people: every diagnostic with its frame, or place, code, message, frame and help;
 * always with the code.
 */
export function presentFailure(error: TidemarkError, options: FailureOptions): string {
  const { paint } = options
  const blocks = error.diagnostics.map((diagnostic) => presentDiagnostic(diagnostic, options))
  if (blocks.length === 0)
    blocks.push(isStepFailure(error) ? presentStepFailure(error, options) : presentError(error, options))
  else if (error.diagnostics.length > 1) blocks.push(paint.bold(countBySeverity(error.diagnostics)))
  if (options.verbose) blocks.push(paint.dim(stackOf(error)))
  return blocks.join('\n\n')
}

/** Writes one diagnostic with colours and target flags. */
export function presentDiagnostic(
  diagnostic: Diagnostic,
  { paint, targetFlags }: Pick<FailureOptions, 'paint' | 'targetFlags'>,
): string {
  const colours = {
    error: paint.red,
    warning: paint.yellow,
    note: paint.cyan,
    help: paint.cyan,
    frame: paint.dim,
  }
  const text = formatDiagnostic(hideInDiagnostic(diagnostic), { paint: (part, role) => colours[role](part) })
  return addTargetFlags(text, targetFlags)
}

function countBySeverity(diagnostics: readonly Diagnostic[]): string {
  return (['error', 'warning', 'note'] as const)
    .map((severity) => ({ severity, number: diagnostics.filter((one) => one.severity === severity).length }))
    .filter(({ number }) => number > 0)
    .map(({ severity, number }) => count(number, severity))
    .join(', ')
}

function presentError(error: TidemarkError, { paint, targetFlags }: FailureOptions): string {
  const { location } = error
  const place = location === undefined ? '' : `${location.path}:${location.line}:${location.column} `
  const lines = [`${place}${paint.red(`error ${error.code}`)}: ${error.message}`]
  if (error.frame !== undefined) lines.push(error.frame)
  if (error.help !== undefined)
    lines.push(`${paint.cyan('help')}: ${addTargetFlags(error.help, targetFlags)}`)
  return lines.join('\n')
}

function stackOf(error: unknown): string {
  const stacks: string[] = []
  for (let current = error; current instanceof Error; current = current.cause)
    stacks.push(current.stack ?? current.message)
  return stacks.join('\ncaused by ')
}
