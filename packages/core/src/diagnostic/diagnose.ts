import type { SourceFile } from '../text/source-file.ts'
import type { Span } from '../text/span.ts'
import type { DiagnosticCode } from './codes.ts'
import type { Diagnostic, RelatedPlace, Severity } from './diagnostic.ts'

/** Where a problem is and what to say of it; `help` may be undefined where there is nothing to advise. */
export interface DiagnosticParts {
  readonly code: DiagnosticCode
  readonly span: Span | undefined
  readonly message: string
  readonly help?: string | undefined
  readonly related?: readonly RelatedPlace[]
  readonly severity?: Severity
}

/**
 * Makes a {@link Diagnostic} of a file, an error unless another severity is given, without the fields that
 * have no value.
 */
export function diagnose(source: SourceFile, parts: DiagnosticParts): Diagnostic {
  const { code, span, message, help, related, severity = 'error' } = parts
  return {
    code,
    severity,
    message,
    source,
    ...(span === undefined ? {} : { span }),
    ...(help === undefined ? {} : { help }),
    ...(related === undefined ? {} : { related }),
  }
}
