import type { RunAction, RunObserver } from '@tidemark/core'
import { TOOL_VERSION } from '../options/tool-version.ts'
import { createRunSpans } from './run-spans.ts'

/**
 * Where every copy of `@opentelemetry/api` 1.x finds the SDK that was registered. Without one, loading it
 * would be for nothing.
 */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

/**
 * Follows a run with OpenTelemetry spans. Without `@opentelemetry/api` or a registered SDK nothing is
 * observed, silently.
 */
export async function observeRun(action: RunAction): Promise<RunObserver | undefined> {
  if (!(REGISTRY in globalThis)) return undefined
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
