import type { Span, SpanStatusCode } from '@opentelemetry/api'
import { TidemarkError } from '@tidemark/core'

/** Ends nothing: gives a span the status of an error, by its codes. Messages may hold rows (I11). */
export function failSpan(span: Span, error: unknown, errorStatus: SpanStatusCode.ERROR): void {
  const code = error instanceof TidemarkError ? error.code : 'error'
  const sqlState = error instanceof TidemarkError ? error.details['sqlState'] : undefined
  span.setStatus({ code: errorStatus, message: code })
  span.setAttribute('error.type', code)
  if (typeof sqlState === 'string') span.setAttribute('db.response.status_code', sqlState)
}
