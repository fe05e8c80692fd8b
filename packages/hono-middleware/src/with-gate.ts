import { type Guard, requireGuard } from '@tidemark/gate'
import { describeRequest, toResponse } from './fetch-response.ts'

/**
 * A handler of the Fetch standard, as Next.js, Bun, Deno and workers call it; what follows the request is
 * passed on.
 */
export type FetchHandler<Rest extends readonly unknown[]> = (
  request: Request,
  ...rest: Rest
) => Response | Promise<Response>

/**
 * Wraps a handler of the Fetch standard: 503 until the schema is current, then nothing but a boolean read. A
 * request to a closed gate runs the check that is due, so that the gate opens where no timer runs between
 * requests.
 *
 * @param guard a gate, or `gate.guard({ requires: [...] })` for one route.
 * @example
 * export const GET = withGate(async (request) => Response.json(await listOrders()), gate)
 */
export function withGate<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  guard: Guard,
): FetchHandler<Rest> {
  requireGuard('withGate', guard)
  return function gatedHandler(request, ...rest) {
    if (guard.isOpen()) return handler(request, ...rest)
    return passOrAnswer(handler, guard, request, rest)
  }
}

async function passOrAnswer<Rest extends readonly unknown[]>(
  handler: FetchHandler<Rest>,
  guard: Guard,
  request: Request,
  rest: Rest,
): Promise<Response> {
  const refusal = await guard.refuse(describeRequest(request))
  return refusal === undefined ? handler(request, ...rest) : toResponse(refusal, request.method)
}
