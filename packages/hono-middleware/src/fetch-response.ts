import type { GateRequest, GateResponse } from '@tidemark/gate'

/** Describes a request of the Fetch standard to a gate. */
export function describeRequest(request: Request, raw: unknown = request): GateRequest {
  const { method, url, headers } = request
  return { method, path: pathOf(url), header: (name) => headers.get(name) ?? undefined, raw }
}

/** Turns a gate's answer into a response of the Fetch standard; to HEAD without its body. */
export function toResponse({ status, headers, body }: GateResponse, method: string): Response {
  return new Response(method === 'HEAD' ? null : body, { status, headers: { ...headers } })
}

function pathOf(url: string): string {
  const { pathname, search } = new URL(url)
  return pathname + search
}
