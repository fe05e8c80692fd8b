import type { IncomingMessage, ServerResponse } from 'node:http'
import type { GateRequest, GateResponse } from '@tidemark/gate'

/**
 * Describes a request of `node:http` to a gate; `target` is the whole one, also below a mounted application.
 */
export function describeRequest(request: IncomingMessage, target: string): GateRequest {
  const { method = 'GET', headers } = request
  const header = (name: string) => {
    const value = headers[name]
    return Array.isArray(value) ? value.join(', ') : value
  }
  return { method, path: target, header, raw: request }
}

/** Sends a gate's answer; to HEAD Node leaves its body out. */
export function sendResponse(response: ServerResponse, { status, headers, body }: GateResponse): void {
  if (response.headersSent) return
  response.writeHead(status, { ...headers })
  response.end(body)
}
