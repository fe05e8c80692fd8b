import type { RunAction, RunObserver } from '@tidemark/core'
import { TOOL_VERSION } from '../tool-version.ts'
import { createRunSpans } from './run-spans.ts'

/**
 * Follows a run with OpenTelemetry spans. Without `@opentelemetry/api` nothing is observed, and without a registered SDK
 * its spans go nowhere: both are silent.
 */
export async function observeRun(action: RunAction): Promise<RunObserver | undefined> {
  const api = await import('@opentelemetry/api').catch(() => undefined)
  if (api === undefined) return undefined
  const { trace, context, SpanStatusCode } = api
  return createRunSpans(
    {
      tracer: trace.getTracer('tidemark', TOOL_VERSION),
      parent: context.active(),
      within: (parent, span) => trace.setSpan(parent, span),
      errorStatus: SpanStatusCode.ERROR,
    },
    action,
  )
}
