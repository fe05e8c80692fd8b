/**
 * Where every copy of `@opentelemetry/api` 1.x finds the SDK that was registered. Without one, loading it
 * would be for nothing.
 */
const REGISTRY = Symbol.for('opentelemetry.js.api.1')

/** Loads `@opentelemetry/api`; undefined where there is none, or where no SDK was registered. */
export async function loadTelemetry(): Promise<typeof import('@opentelemetry/api') | undefined> {
  if (!(REGISTRY in globalThis)) return undefined
  return import('@opentelemetry/api').catch(() => undefined)
}
