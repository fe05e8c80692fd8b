import type { Context, SpanContext } from '@opentelemetry/api'
import { TOOL_VERSION } from '../options/tool-version.ts'
import { failSpan } from './fail-span.ts'
import { loadTelemetry } from './load-telemetry.ts'

type Attributes = Readonly<Record<string, string | number>>

/** Follows the targets of a rollout. */
export interface TargetObserver {
  /** Runs one target, so that the span of its run is within that of the target. Gives what it gives or throws. */
  runTarget<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>
}

/** Follows the rollout of a fleet. */
export interface RolloutObserver extends TargetObserver {
  /** What other processes need to be part of it; undefined where nothing is observed. */
  readonly traceparent: string | undefined
  end(attributes: Attributes): void
}

const NOBODY: RolloutObserver = {
  traceparent: undefined,
  runTarget: (_name, _attributes, run) => run(),
  end: () => undefined,
}

type Telemetry = typeof import('@opentelemetry/api')

/**
 * Follows a rollout with OpenTelemetry spans: the rollout, in it each target that is tried, in it the run. Without
 * `@opentelemetry/api` or a registered SDK nothing is observed, silently; one that throws changes nothing.
 */
export async function observeRollout(
  direction: 'up' | 'down',
  attributes: Attributes,
): Promise<RolloutObserver> {
  const api = await loadTelemetry()
  if (api === undefined) return NOBODY
  const rollout = attempt(() => open(api, `tidemark fleet ${direction}`, attributes, api.context.active()))
  if (rollout === undefined) return NOBODY
  return {
    traceparent: attempt(() => toTraceparent(rollout.span.spanContext())),
    runTarget: (name, given, run) => runWithin(api, rollout.within, { name, given, run }),
    end: (given) => {
      attempt(() => rollout.span.setAttributes(given).end())
    },
  }
}

/** Follows targets of a rollout that another process began. */
export async function joinRollout(traceparent: string | null): Promise<TargetObserver> {
  const parent = fromTraceparent(traceparent ?? '')
  const api = parent === undefined ? undefined : await loadTelemetry()
  if (api === undefined || parent === undefined) return NOBODY
  const within = attempt(() => api.trace.setSpanContext(api.context.active(), parent))
  if (within === undefined) return NOBODY
  return { runTarget: (name, given, run) => runWithin(api, within, { name, given, run }) }
}

async function runWithin<T>(
  api: Telemetry,
  parent: Context,
  { name, given, run }: { readonly name: string; readonly given: Attributes; readonly run: () => Promise<T> },
): Promise<T> {
  const target = attempt(() => open(api, `target ${name}`, given, parent))
  if (target === undefined) return run()
  try {
    return await api.context.with(target.within, run)
  } catch (error) {
    attempt(() => failSpan(target.span, error, api.SpanStatusCode.ERROR))
    throw error
  } finally {
    attempt(() => target.span.end())
  }
}

function open({ trace }: Telemetry, name: string, attributes: Attributes, parent: Context) {
  const span = trace.getTracer('tidemark', TOOL_VERSION).startSpan(name, { attributes }, parent)
  return { span, within: trace.setSpan(parent, span) }
}

/** @see https://www.w3.org/TR/trace-context/#traceparent-header */
function toTraceparent({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
}

function fromTraceparent(text: string): SpanContext | undefined {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text) ?? []
  if (traceId === undefined || spanId === undefined || flags === undefined) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true }
}

/** Telemetry decides nothing. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
