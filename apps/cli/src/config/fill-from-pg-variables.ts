import type { Variables } from './read-env-file.ts'

/**
 * Fills what a PostgreSQL URL leaves out from `PGHOST`, `PGPORT`, `PGUSER`, `PGPASSWORD`, `PGDATABASE`, `PGOPTIONS` and `PGSSL*`.
 * They never name a database by themselves and never override a part of the URL. What does not parse is given back as it is.
 *
 * @example fillFromPgVariables('postgres://db/shop', { PGUSER: 'ada' }) // 'postgres://ada@db/shop'
 */
export function fillFromPgVariables(database: string, variables: Variables): string {
  const parts = /^(postgres(?:ql)?:\/\/)(?:([^@/?#]*)@)?([^/?#]*)(\/[^?#]*)?(\?[^#]*)?$/i.exec(database)
  if (parts === null) return database
  const [, scheme = '', userInfo = '', authority = '', path = '', query = ''] = parts
  const has = (name: string): boolean => new RegExp(`[?&]${name}=`).test(query)
  const from = (name: string, parameter: string): string => (has(parameter) ? '' : (variables[name] ?? ''))
  const [user = '', password] = splitOnce(userInfo, ':')
  const ownUser = user || encode(from('PGUSER', 'user'))
  const ownPassword = password ?? (encode(from('PGPASSWORD', 'password')) || undefined)
  const credentials = ownUser + (ownPassword === undefined ? '' : `:${ownPassword}`)
  const [host, port] = hostAndPort(authority)
  const ownHost = host || hostOf(from('PGHOST', 'host')) || (has('host') ? '' : 'localhost')
  const ownPort = port || from('PGPORT', 'port')
  const name = path.slice(1) || encode(from('PGDATABASE', 'dbname'))
  const filled = FILLED_PARAMETERS.flatMap((parameter) => {
    const value = parameter === 'sslmode' && has('ssl') ? '' : from(`PG${parameter.toUpperCase()}`, parameter)
    return value === '' ? [] : [`${parameter}=${encode(value)}`]
  })
  const ownQuery = filled.length === 0 ? query : `${query === '' ? '?' : `${query}&`}${filled.join('&')}`
  return `${scheme}${credentials && `${credentials}@`}${ownHost}${ownPort && `:${ownPort}`}${name || path ? `/${name}` : ''}${ownQuery}`
}

const FILLED_PARAMETERS = ['sslmode', 'sslrootcert', 'sslcert', 'sslkey', 'options'] as const

function splitOnce(text: string, separator: string): readonly [string, string | undefined] {
  const at = text.indexOf(separator)
  return at === -1 ? [text, undefined] : [text.slice(0, at), text.slice(at + 1)]
}

function hostAndPort(authority: string): readonly [string, string] {
  const match = /^(\[[^\]]*\]|[^:]*)(?::(\d*))?$/.exec(authority)
  return match === null ? [authority, ''] : [match[1] ?? '', match[2] ?? '']
}

// A folder with a socket is written percent-encoded in a URL.
function hostOf(host: string): string {
  return host.startsWith('/') ? encode(host) : host
}

function encode(text: string): string {
  return encodeURIComponent(text)
}
