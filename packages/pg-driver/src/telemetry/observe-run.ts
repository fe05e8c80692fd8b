import type { RunAction, RunObserver } from '@tidemark/core'
import { TOOL_VERSION } from '../options/tool-version.ts'
import { loadTelemetry } from './load-telemetry.ts'
import { createRunSpans } from './run-spans.ts'

/**
 * Follows a run with OpenTelemetry spans. Without `@opentelemetry/api` or a registered SDK nothing is
 * observed, silently.
 */
export async function observeRun(action: RunAction): Promise<RunObserver | undefined> {
  const api = await loadTelemetry()
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
