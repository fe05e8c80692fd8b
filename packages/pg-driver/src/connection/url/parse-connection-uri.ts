import { err, ok, type Result } from '@tidemark/core'
import { readParameter } from './parameters.ts'
import { type UrlProblem, urlProblem } from './url-problem.ts'

/**
 * The settings of a connection by libpq's keywords. A keyword with an empty value is given, and means the
 * default.
 */
export type ConnectionSettings = ReadonlyMap<string, string>

const SHAPE = /^postgres(?:ql)?:\/\/([^/?#]*)(?:\/([^?#]*))?(?:\?([^#]*))?$/is

/**
 * Reads a connection URI by libpq's grammar, without the environment: parts are percent-encoded, a parameter
 * wins over the part that it encodes, and `+` is a plus. Unlike libpq it takes a raw `@` in the password.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 *
 * @example parseConnectionUri('postgres://ada@db/shop?port=6000') // ok: user, host, dbname, port
 */
export function parseConnectionUri(url: string): Result<ConnectionSettings, UrlProblem> {
  const text = url.trim()
  const leftOver = findLeftOver(text)
  if (leftOver !== undefined) return err(leftOver)
  const [whole, authority = '', path = '', query = ''] = SHAPE.exec(text) ?? []
  if (whole === undefined || isCutApart(authority, path, query)) return err(unreadable(text))
  try {
    const settings = new Map(readAuthority(authority))
    if (path !== '') settings.set('dbname', decode(path))
    const problem = addParameters(settings, query)
    return problem === undefined ? ok(settings) : err(problem)
  } catch (error) {
    if (!(error instanceof URIError)) throw error
    return err(unreadable(text))
  }
}

/** What a shell, a template or an `.env` file should have removed. */
function findLeftOver(text: string): UrlProblem | undefined {
  if (/^["'`]|["'`]$/.test(text)) {
    return urlProblem(
      'is in quotes',
      'remove them: `docker --env-file` and others take quotes as part of the value',
    )
  }
  const variable = /\$\{\s*(\w+)/.exec(text)?.[1]
  if (variable === undefined) return undefined
  return urlProblem(
    `contains \${${variable}}, which nothing has replaced`,
    `write the value of ${variable}, or let a shell replace it; in a password "\${" is written "%24%7B"`,
  )
}

/**
 * A raw `/`, `?` or `#` in a password ends what a URL takes for the host, so that the rest of the password
 * would be read as a path and be shown: an `@` after the authority reveals it.
 */
function isCutApart(authority: string, path: string, query: string): boolean {
  if (authority.includes('@')) return false
  return path.includes('@') || query.split('&').some((pair) => pair.split('=', 1)[0]?.includes('@'))
}

function readAuthority(authority: string): readonly (readonly [string, string])[] {
  const at = authority.lastIndexOf('@')
  const [user, password] = splitOnce(authority.slice(0, Math.max(at, 0)), ':')
  const hosts = authority
    .slice(at + 1)
    .split(',')
    .map(readHost)
  const parts: readonly (readonly [string, string])[] = [
    ['user', decode(user)],
    ['password', decode(password)],
    ['host', hosts.map(({ host }) => decode(host)).join(',')],
    ['port', hosts.map(({ port }) => port).join(',')],
  ]
  return parts.filter(([, value]) => value !== '')
}

/** An IPv6 address is in brackets. What matches neither form has no valid port. */
function readHost(text: string): { readonly host: string; readonly port: string } {
  const match = /^(?:\[([^\]]+)\]|([^:[\]]*))(?::(.*))?$/s.exec(text)
  if (match === null) throw new URIError('not a host')
  return { host: match[1] ?? match[2] ?? '', port: decode(match[3] ?? '') }
}

function addParameters(settings: Map<string, string>, query: string): UrlProblem | undefined {
  const spelled = new Map<string, string>()
  for (const pair of query.split('&')) {
    if (pair === '') continue
    const [name, value] = splitOnce(pair, '=').map(decode)
    const meaning = readParameter(name ?? '', value ?? '')
    if (meaning.kind === 'problem') return meaning.problem
    if (meaning.kind === 'without meaning') continue
    if (!pair.includes('='))
      return urlProblem(`gives "${name}" no value`, `write ${name}=VALUE, or remove it`)
    const other = spelled.get(meaning.keyword)
    if (other !== undefined && other !== name && settings.get(meaning.keyword) !== meaning.value) {
      return urlProblem(`has both "${other}" and "${name}", with different values`, 'remove one of them')
    }
    spelled.set(meaning.keyword, name ?? '')
    settings.set(meaning.keyword, meaning.value)
  }
  if (spelled.has('search_path') && /search_path\s*=/.test(settings.get('options') ?? '')) {
    return urlProblem(
      `sets search_path by "${spelled.get('search_path')}" and by "options"`,
      'remove one of them',
    )
  }
  return undefined
}

function splitOnce(text: string, separator: string): readonly [string, string] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function decode(part: string): string {
  const decoded = decodeURIComponent(part)
  if (decoded.includes('\0')) throw new URIError('a NUL')
  return decoded
}

/** Special characters of a password are only mentioned where there is one that could hold them. */
function unreadable(url: string): UrlProblem {
  const mayHoldPassword = /:\/\/[^@]*:.*@/s.test(url)
  const hasLonePercent = /%(?![0-9a-f]{2})/i.test(url)
  return urlProblem(
    'is not a URL that can be read',
    mayHoldPassword
      ? 'percent-encode special characters in the password: `%` is %25, `@` is %40, `:` is %3A, `/` is %2F, `?` is %3F, `#` is %23'
      : hasLonePercent
        ? 'percent-encode a `%` as %25'
        : 'write it as postgres://user:password@host:5432/database',
  )
}
