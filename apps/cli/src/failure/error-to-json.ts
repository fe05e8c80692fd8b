import type { Diagnostic, TidemarkError } from '@tidemark/core'
import { lineAndColumn } from '@tidemark/core'
import type { DiagnosticJson, ErrorJson } from '../schema/schemas.ts'

/** Turns a failure into the one error document of `--json`. */
export function errorToJson(error: TidemarkError): ErrorJson {
  const { code, message, help, location, details, diagnostics } = error
  const first = diagnostics.length === 1 ? diagnostics[0] : undefined
  const place = first === undefined ? undefined : placeOf(first)
  return {
    error: {
      code,
      message: first?.message ?? message,
      help: help ?? first?.help ?? null,
      page: error.page,
      location: location ?? place ?? null,
      details:
        diagnostics.length === 0 ? details : { ...details, diagnostics: diagnostics.map(diagnosticToJson) },
    },
  }
}

/** Turns a diagnostic into data with a 1-based place. */
export function diagnosticToJson(diagnostic: Diagnostic): DiagnosticJson {
  const { code, severity, message, help, source, detail } = diagnostic
  return {
    code,
    severity,
    message,
    help: help ?? null,
    path: source?.path ?? null,
    ...(placeOf(diagnostic) ?? { line: null, column: null }),
    ...(detail === undefined ? {} : { detail }),
  }
}

function placeOf({ source, span }: Diagnostic): { path: string; line: number; column: number } | undefined {
  if (source === undefined || span === undefined) return undefined
  const { line, column } = lineAndColumn(source, span.start)
  return { path: source.path, line, column }
}
