/** What a gate looks at of a request. */
export interface GateRequest {
  readonly method: string
  /** The target as requested: a path with or without its query, or an absolute URL. */
  readonly path: string
  /** The value of a header, by its lower-case name. */
  readonly header: (name: string) => string | undefined
  /** The request of the framework itself; with Hono its context. */
  readonly raw?: unknown
}

/** Which requests pass a closed gate: exact paths, or a predicate. */
export type AllowRule = readonly string[] | ((request: GateRequest) => boolean)

/**
 * Makes the rule of what may pass a closed gate: what is allowed, and a CORS preflight, which the browser
 * sends before the request proper and which must not fail for the 503 to be seen (Fetch standard, section
 * 3.2.2).
 *
 * @returns a function that throws TypeError when a predicate answers neither true nor false.
 * @example createPassRule(['/healthz'])({ method: 'GET', path: '/healthz?full=1', header: () => undefined }) // true
 */
export function createPassRule(allow: AllowRule): (request: GateRequest) => boolean {
  const isAllowed = typeof allow === 'function' ? allow : matchPaths(allow)
  return (request) => isPreflight(request) || requireBoolean(isAllowed(request))
}

function isPreflight({ method, header }: GateRequest): boolean {
  return (
    method === 'OPTIONS' &&
    header('origin') !== undefined &&
    header('access-control-request-method') !== undefined
  )
}

function matchPaths(paths: readonly string[]): (request: GateRequest) => boolean {
  const allowed = new Set(paths.map((path) => withoutLastSlash(encode(path))))
  return ({ path }) => {
    const requested = pathOf(path)
    return requested !== undefined && allowed.has(withoutLastSlash(requested))
  }
}

/** As a request carries it: `/größe` is sent as `/gr%C3%B6%C3%9Fe`. */
function encode(path: string): string {
  return path.replace(/[^\x21-\x7e]+/g, encodeURIComponent)
}

/**
 * The path of a target: origin-form, or absolute-form as a proxy sends it (RFC 9112, section 3.2). Nothing is
 * decoded and no segment resolved: a path that the router might read in another way is not allowed.
 */
function pathOf(target: string): string | undefined {
  if (target.startsWith('/')) return target.replace(/[?#].*$/s, '')
  return /^https?:\/\/[^/?#\\]+(\/[^?#]*)/i.exec(target)?.[1]
}

function withoutLastSlash(path: string): string {
  return path.replace(/(?<=[^/])\/$/, '')
}

/** A promise is true for JavaScript, so that an `async` predicate would let everything pass. */
function requireBoolean(answer: unknown): boolean {
  if (typeof answer === 'boolean') return answer
  const given = answer instanceof Promise ? 'a promise' : `a value of type ${typeof answer}`
  throw new TypeError(`createGate: "allow" needs to answer true or false at once, not ${given}`)
}
