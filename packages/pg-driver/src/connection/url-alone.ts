import { err, ok, type Result } from '@tidemark/core'
import { type ConnectionUrl, parseConnectionUrl } from './connection-url.ts'
import { parseConnectionUri } from './url/parse-connection-uri.ts'
import { type UrlProblem, urlProblem } from './url/url-problem.ts'

/** What a URL may say that comes from outside: where, who, and how TLS is asked for; no file, no option. */
const TAKEN: ReadonlySet<string> = new Set([
  'host',
  'port',
  'user',
  'password',
  'dbname',
  'application_name',
  'connect_timeout',
  'target_session_attrs',
  'channel_binding',
  'ssl',
  'sslmode',
  'sslnegotiation',
  'ssl_min_protocol_version',
  'ssl_max_protocol_version',
])

/**
 * Reads a URL that somebody else wrote, such as a row of a table: it leads to a server over TCP, names its host,
 * user and database itself, and nothing of this machine (variables, password file, service, files of TLS) is added.
 *
 * @example readUrlAlone('postgres://app:secret@db.internal/acme')
 */
export function readUrlAlone(url: string): Result<ConnectionUrl, UrlProblem> {
  const settings = parseConnectionUri(url)
  if (!settings.ok) return settings
  const problem = findForbidden(settings.value)
  if (problem !== undefined) return err(problem)
  const read = parseConnectionUrl(url, {})
  if (!read.ok) return read
  const password = settings.value.get('password') || undefined
  return ok({
    ...read.value,
    password,
    passwordSource: { kind: password === undefined ? 'none' : 'url' },
  })
}

function findForbidden(settings: ReadonlyMap<string, string>): UrlProblem | undefined {
  const forbidden = [...settings.keys()].find((keyword) => !TAKEN.has(keyword))
  if (forbidden !== undefined) {
    return urlProblem(
      `sets "${forbidden}", which a URL from a query or a file may not`,
      'it may name host, port, user, password, database, connect_timeout, application_name and how TLS is used',
    )
  }
  const missing = ['host', 'user', 'dbname'].find((keyword) => !settings.get(keyword))
  if (missing !== undefined) {
    return urlProblem(
      `names no ${missing === 'dbname' ? 'database' : missing}`,
      'nothing is added to a URL from a query or a file: write it as postgres://user:password@host:5432/database',
    )
  }
  return settings.get('host')?.startsWith('/')
    ? urlProblem('leads to a socket, which a URL from a query or a file may not', 'name a host')
    : undefined
}
