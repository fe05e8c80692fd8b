import { type Diagnostic, formatDiagnostic, type TidemarkError } from '@tidemark/core'
import { diagnosticToJson } from '../failure/error-to-json.ts'
import { presentFailure } from '../failure/present-failure.ts'
import { hideInDiagnostic } from '../redact/hide-in-diagnostic.ts'
import { createPaint } from '../text/paint.ts'
import type { Problem } from './problem.ts'

/** Gives a diagnostic as a problem of a report. */
export function problemOfDiagnostic(diagnostic: Diagnostic): Problem {
  const { code, severity, message, help, path, line, column } = diagnosticToJson(diagnostic)
  const text = formatDiagnostic(hideInDiagnostic(diagnostic))
  return { rule: code, severity, message, details: [], helps: listOf(help), path, line, column, text }
}

/** Gives a failure as problems of a report: each of its diagnostics, or itself. */
export function listProblems(error: TidemarkError): readonly Problem[] {
  if (error.diagnostics.length > 0) return error.diagnostics.map(problemOfDiagnostic)
  const { code, message, help, location } = error
  return [
    {
      rule: code,
      severity: 'error',
      message,
      details: [],
      helps: listOf(help),
      path: location?.path ?? null,
      line: location?.line ?? null,
      column: location?.column ?? null,
      text: presentFailure(error, { paint: createPaint(false), targetFlags: '', verbose: false }),
    },
  ]
}

function listOf(text: string | null | undefined): readonly string[] {
  return text == null ? [] : [text]
}
