import type { SourceFile } from '../text/source-file.ts'
import type { Span } from '../text/span.ts'
import type { DiagnosticCode } from './codes.ts'

/** How much a {@link Diagnostic} matters: an `error` refuses, a `warning` and a `note` do not. */
export type Severity = 'error' | 'warning' | 'note'

/** Another place that belongs to a {@link Diagnostic}, such as the first of two duplicates. */
export interface RelatedPlace {
  readonly message: string
  readonly source: SourceFile
  readonly span: Span
}

/**
 * A problem in files, graph, plan or configuration, as data. Words and frames are made by `formatDiagnostic`.
 */
export interface Diagnostic {
  readonly code: DiagnosticCode
  readonly severity: Severity
  /** Lower case, names quoted, a fact, no full stop. */
  readonly message: string
  readonly source?: SourceFile
  readonly span?: Span
  /** The next action. */
  readonly help?: string
  readonly related?: readonly RelatedPlace[]
  /** Lines that belong below the frame, such as the difference of two texts. */
  readonly detail?: string
}
