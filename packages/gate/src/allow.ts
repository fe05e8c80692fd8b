/** What a gate looks at of a request. */
export interface GateRequest {
  readonly method: string
  /** The path as requested, with or without its query. */
  readonly path: string
  /** The value of a header, by its lower-case name. */
  readonly header: (name: string) => string | undefined
}

/** Which requests pass a closed gate: exact paths, or a predicate. */
export type AllowRule = readonly string[] | ((request: GateRequest) => boolean)

/**
 * Tells whether a request may pass a closed gate: it is allowed, or a CORS preflight, which the browser sends before the
 * request proper and which must not fail for the 503 to be seen (Fetch standard, section 3.2.2).
 */
export function mayPass(request: GateRequest, allow: AllowRule): boolean {
  if (isPreflight(request)) return true
  if (typeof allow === 'function') return allow(request)
  return allow.includes(pathOf(request.path))
}

function isPreflight({ method, header }: GateRequest): boolean {
  return (
    method === 'OPTIONS' &&
    header('origin') !== undefined &&
    header('access-control-request-method') !== undefined
  )
}

function pathOf(target: string): string {
  const end = target.search(/[?#]/)
  const path = end === -1 ? target : target.slice(0, end)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}
