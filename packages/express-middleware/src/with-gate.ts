import type { IncomingMessage, ServerResponse } from 'node:http'
import { type GateResponse, type Guard, requireGuard } from '@tidemark/gate'
import { describeRequest, sendResponse } from './node-http.ts'

/** A handler of `node:http`, such as an Express application. */
export type NodeHandler = (request: IncomingMessage, response: ServerResponse) => unknown

/**
 * Stands before a whole application: 503 until the schema is current, then nothing but a boolean read. It
 * costs less than `schemaGate`, since Express adds its own share to every middleware, and works for any
 * handler of `node:http`. What the application does first, such as `cors()`, comes after it: name the paths
 * of probes in `allow`.
 *
 * @param guard a gate, or `gate.guard({ requires: [...] })`.
 * @example createServer(withGate(app, gate)).listen(3000)
 */
export function withGate(handler: NodeHandler, guard: Guard): NodeHandler {
  requireGuard('withGate', guard)
  return function gatedHandler(request, response) {
    if (guard.isOpen()) return handler(request, response)
    return passOrAnswer(handler, guard, request, response)
  }
}

async function passOrAnswer(
  handler: NodeHandler,
  guard: Guard,
  request: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const refusal = await guard.refuse(describeRequest(request, request.url ?? '/')).catch(answerError)
  if (refusal === undefined) handler(request, response)
  else sendResponse(response, refusal)
}

/** What `allow` throws is a warning of the process; there is no error handler before the application. */
function answerError(error: unknown): GateResponse {
  process.emitWarning(error instanceof Error ? error : String(error))
  const body = '{"title":"Internal Server Error","status":500}'
  const headers = { 'content-type': 'application/problem+json', 'content-length': String(body.length) }
  return { status: 500, headers, body }
}
