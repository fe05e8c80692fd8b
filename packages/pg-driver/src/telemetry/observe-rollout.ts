import { TOOL_VERSION } from '../options/tool-version.ts'
import { failSpan } from './fail-span.ts'
import { loadTelemetry } from './load-telemetry.ts'

type Attributes = Readonly<Record<string, string | number>>

/** Follows the rollout of a fleet. */
export interface RolloutObserver {
  /** Runs one target, so that the span of its run is within that of the target. Gives what it gives or throws. */
  runTarget<T>(name: string, attributes: Attributes, run: () => Promise<T>): Promise<T>
  end(attributes: Attributes): void
}

const NOBODY: RolloutObserver = { runTarget: (_name, _attributes, run) => run(), end: () => undefined }

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
  const { trace, context, SpanStatusCode } = api
  const open = (name: string, given: Attributes, parent = context.active()) => {
    const span = trace.getTracer('tidemark', TOOL_VERSION).startSpan(name, { attributes: given }, parent)
    return { span, within: trace.setSpan(parent, span) }
  }
  const rollout = attempt(() => open(`tidemark fleet ${direction}`, attributes))
  if (rollout === undefined) return NOBODY
  return {
    async runTarget(name, given, run) {
      const target = attempt(() => open(`target ${name}`, given, rollout.within))
      if (target === undefined) return run()
      try {
        return await context.with(target.within, run)
      } catch (error) {
        attempt(() => failSpan(target.span, error, SpanStatusCode.ERROR))
        throw error
      } finally {
        attempt(() => target.span.end())
      }
    },
    end: (given) => {
      attempt(() => rollout.span.setAttributes(given).end())
    },
  }
}

/** Telemetry decides nothing. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch {
    return undefined
  }
}
