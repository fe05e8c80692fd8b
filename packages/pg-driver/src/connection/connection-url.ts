import { userInfo } from 'node:os'
import { type PlanTarget, TidemarkError } from '@tidemark/core'
import { readTlsParameters, type TlsParameters } from '../options/tls-options.ts'

/** Where a URL leads, without its credentials. */
export type UrlTarget = Pick<PlanTarget, 'host' | 'port' | 'database' | 'user'>

/** Everything that a URL and the `PG*` variables say of a connection. Holds the password: never to be printed. */
export interface ConnectionUrl {
  readonly target: UrlTarget
  /** Undefined leaves it to the password file. */
  readonly password: string | undefined
  /** Startup options in the form `-c name=value …`. */
  readonly options: string | undefined
  readonly tls: TlsParameters
  readonly channelBinding: boolean
}

/**
 * Reads a `postgres://` URL as libpq does: parts are percent-encoded, a host may be a folder with a socket, query parameters
 * stand for what the authority leaves out, and `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGOPTIONS` and
 * `PGSSL*` for what is left out altogether.
 *
 * @throws TidemarkError TM7050 when it is no such URL, TM7052 when its TLS settings are none; no message repeats the URL.
 */
export function readConnectionUrl(url: string, environment: NodeJS.ProcessEnv = process.env): ConnectionUrl {
  const parsed = URL.canParse(url) ? new URL(url) : undefined
  if (parsed === undefined || !/^postgres(ql)?:$/.test(parsed.protocol) || isCutApart(parsed)) {
    throw notAUrl(url)
  }
  const parameters = readParameters(parsed.search)
  const user = decode(parsed.username) || parameters.get('user') || environment['PGUSER'] || systemUser()
  const port = parsed.port || parameters.get('port') || environment['PGPORT']
  return {
    target: {
      host:
        decode(parsed.hostname).replace(/^\[(.*)\]$/, '$1') ||
        parameters.get('host') ||
        environment['PGHOST'] ||
        'localhost',
      port: port ? readPort(port) : 5432,
      database:
        decode(parsed.pathname.slice(1)) || parameters.get('dbname') || environment['PGDATABASE'] || user,
      user,
    },
    password: decode(parsed.password) || parameters.get('password') || environment['PGPASSWORD'] || undefined,
    options: parameters.get('options') || environment['PGOPTIONS'] || undefined,
    tls: readTlsParameters(parameters, environment),
    channelBinding: ['prefer', 'require'].includes(parameters.get('channel_binding') ?? ''),
  }
}

/**
 * A raw `/`, `?` or `#` in a password ends what a URL takes for the host, so that the rest of the password would pass for a
 * path and be shown: an `@` behind the authority gives it away.
 */
function isCutApart({ username, password, pathname, search, hash }: URL): boolean {
  if (hash !== '') return true
  if (username !== '' || password !== '') return false
  const names = search
    .slice(1)
    .split('&')
    .map((pair) => pair.split('=', 1)[0] ?? '')
  return pathname.includes('@') || names.some((name) => name.includes('@'))
}

/** Unlike in a form, `+` is a plus here. */
function readParameters(search: string): ReadonlyMap<string, string> {
  const pairs = search === '' ? [] : search.slice(1).split('&')
  return new Map(
    pairs.map((pair) => {
      const at = pair.indexOf('=')
      return at === -1 ? [decode(pair), ''] : [decode(pair.slice(0, at)), decode(pair.slice(at + 1))]
    }),
  )
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw notAUrl(part)
  }
}

function readPort(text: string): number {
  const port = Number(text)
  if (/^\d+$/.test(text) && port > 0 && port < 65_536) return port
  throw new TidemarkError({
    code: 'TM7050',
    message: 'the port of the database is not a number from 1 to 65535',
    help: 'write it as postgres://user:password@host:5432/database; PGPORT is used if the URL has no port',
  })
}

function systemUser(): string {
  try {
    return process.env['USER'] || userInfo().username
  } catch {
    return 'postgres'
  }
}

function notAUrl(url: string): TidemarkError {
  const percent = /%(?![0-9a-f]{2})/i.test(url) ? ' A "%" in a password is written "%25".' : ''
  const several = /^postgres(ql)?:\/\/[^/?]*,/i.test(url) ? ' Only one host is supported.' : ''
  return new TidemarkError({
    code: 'TM7050',
    message: 'the database is not a valid URL',
    help: `write it as postgres://user:password@host:5432/database, with @ : / ? # % in the password percent-encoded.${percent}${several}`,
  })
}
