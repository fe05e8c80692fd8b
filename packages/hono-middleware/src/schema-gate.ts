import { type Guard, type RequestGate, requireGate } from '@tidemark/gate'
import type { Context, Handler, MiddlewareHandler, Next } from 'hono'
import { describeRequest, toResponse } from './fetch-response.ts'

/** Options of {@link schemaGate}. */
export interface SchemaGateOptions {
  /** Ids that these routes wait for, instead of what the gate waits for. */
  readonly requires: readonly string[]
}

/**
 * Answers 503 until the schema is current; then it costs a boolean read a request. With `requires` it gates
 * the routes that follow it, by these ids alone. For a whole application `withGate(app.fetch, gate)` is
 * cheaper: a first middleware of any kind takes Hono's shortcut for routes with one handler.
 *
 * @throws TidemarkError TM7002, TM7003 or TM2007 when the application starts, for wrong options.
 * @example
 * app.use(schemaGate(gate))
 * app.get('/phone', schemaGate(gate, { requires: ['040_add_phone'] }), showPhone)
 */
export function schemaGate(gate: RequestGate, options?: SchemaGateOptions): MiddlewareHandler {
  requireGate('schemaGate', gate)
  const guard = options === undefined ? gate : gate.guard(options)
  // No async function: it would cost an open gate a promise a request.
  return function schemaGateMiddleware(context, next) {
    if (guard.isOpen()) return next()
    return passOrAnswer(guard, context, next)
  }
}

async function passOrAnswer(guard: Guard, context: Context, next: Next) {
  const refusal = await guard.refuse(describeRequest(context.req.raw, context))
  return refusal === undefined ? next() : toResponse(refusal, context.req.method)
}

/** Answers liveness probes. Mount it before the gate, or name its path in `allow`. */
export function livez(gate: RequestGate): Handler {
  requireGate('livez', gate)
  return function livezHandler(context) {
    return toResponse(gate.livez(), context.req.method)
  }
}

/** Answers readiness probes: 200 when open, else 503. Mount it before the gate. */
export function readyz(gate: RequestGate): Handler {
  requireGate('readyz', gate)
  return async function readyzHandler(context) {
    return toResponse(await gate.readyz(), context.req.method)
  }
}
