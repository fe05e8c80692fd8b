/** Where a URL leads. */
export interface Place {
  readonly host: string
  readonly port: number | null
}

/**
 * Tells whether a host is among those that are allowed. A pattern is a host, in which `*` is any text, and may
 * end with a port: `*.db.internal`, `10.0.0.*:5432`. Without one every port is meant.
 *
 * @example isAllowedHost(['*.db.internal'], { host: 'eu-1.DB.internal', port: 5432 }) // true
 */
export function isAllowedHost(patterns: readonly string[], { host, port }: Place): boolean {
  return patterns.some((pattern) => {
    const [, wanted = pattern, wantedPort] = /^(\[[^\]]*\]|[^:]*):(\d+)$/.exec(pattern) ?? []
    const name = wanted.replace(/^\[(.*)\]$/s, '$1')
    return matches(name, host) && (wantedPort === undefined || Number(wantedPort) === (port ?? 5432))
  })
}

function matches(pattern: string, host: string): boolean {
  const literal = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
  return new RegExp(`^${literal.join('.*')}$`, 'is').test(host)
}
