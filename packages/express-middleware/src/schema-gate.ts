import { type Guard, type RequestGate, requireGate } from '@tidemark/gate'
import type { NextFunction, Request, RequestHandler, Response } from 'express'
import { describeRequest, sendResponse } from './node-http.ts'

/** Options of {@link schemaGate}. */
export interface SchemaGateOptions {
  /** Ids that this route waits for, instead of what the gate waits for. */
  readonly requires: readonly string[]
}

/**
 * Answers 503 until the schema is current; then it costs a boolean read a request. For Express 4 and 5.
 * With `requires` it gates one route alone, by these ids.
 *
 * @throws TidemarkError TM7002, TM7003 or TM2007 when the application starts, for wrong options.
 * @example
 * app.use(schemaGate(createGate({ database: pool, migrations: 'migrations', allow: ['/healthz'] })))
 * app.get('/phone', schemaGate(gate, { requires: ['040_add_phone'] }), showPhone)
 */
export function schemaGate(gate: RequestGate, options?: SchemaGateOptions): RequestHandler {
  requireGate('schemaGate', gate)
  const guard = options === undefined ? gate : gate.guard(options)
  // Nothing is captured here: a closure would cost an open gate its memory at every request.
  return function schemaGateMiddleware(request, response, next) {
    if (guard.isOpen()) next()
    else passOrAnswer(guard, request, response, next)
  }
}

function passOrAnswer(guard: Guard, request: Request, response: Response, next: NextFunction): void {
  guard
    .refuse(describeRequest(request, request.originalUrl))
    .then((refusal) => (refusal === undefined ? next() : sendResponse(response, refusal)), next)
}

/** Answers liveness probes. Mount it before the gate, or name its path in `allow`. */
export function livez(gate: RequestGate): RequestHandler {
  requireGate('livez', gate)
  return function livezHandler(_request, response) {
    sendResponse(response, gate.livez())
  }
}

/** Answers readiness probes: 200 when open, else 503. Mount it before the gate. */
export function readyz(gate: RequestGate): RequestHandler {
  requireGate('readyz', gate)
  return function readyzHandler(_request, response, next) {
    gate.readyz().then((answer) => sendResponse(response, answer), next)
  }
}
