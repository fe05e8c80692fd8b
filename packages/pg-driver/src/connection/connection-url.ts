import { isIP } from 'node:net'
import { userInfo } from 'node:os'
import { err, ok, type PlanTarget, type Result, TidemarkError } from '@tidemark/core'
import { type GatheredSettings, gatherSettings } from './url/gather-settings.ts'
import { checkLimited } from './url/parameters.ts'
import type { ConnectionSettings } from './url/parse-connection-uri.ts'
import { findPassword } from './url/password-file.ts'
import { formatStartupOption } from './url/startup-options.ts'
import { readTlsParameters, type TlsParameters } from './url/tls-parameters.ts'
import { type UrlProblem, urlProblem } from './url/url-problem.ts'

/** Where a URL leads, without its credentials. */
export type UrlTarget = Pick<PlanTarget, 'host' | 'port' | 'database' | 'user'>

/** The kinds of server that `target_session_attrs` can ask for. */
export const SESSION_ATTRIBUTES = [
  'any',
  'read-write',
  'read-only',
  'primary',
  'standby',
  'prefer-standby',
] as const

/** One of {@link SESSION_ATTRIBUTES}. */
export type SessionAttributes = (typeof SESSION_ATTRIBUTES)[number]

/** Where a password comes from, `driver` being a pool or client; `ignored` says why a password file was not used. */
export type PasswordSource =
  | { readonly kind: 'url' | 'service' | 'environment' | 'file' | 'driver' | 'none' }
  | { readonly kind: 'ignored'; readonly reason: string }

/**
 * Everything that a URL, its service and the `PG*` variables say of a connection. Holds the password: never
 * to be printed.
 */
export interface ConnectionUrl {
  readonly target: UrlTarget
  /** The address to connect to, where it is not to be looked up by the host's name. */
  readonly address: string | undefined
  readonly password: string | undefined
  readonly passwordSource: PasswordSource
  /** Startup options in the form `-c name=value …`, as they are given. */
  readonly options: string | undefined
  /** The same with `search_path`, where a parameter gives it: for sessions that run the SQL of files. */
  readonly sessionOptions: string | undefined
  readonly applicationName: string | undefined
  /** Undefined leaves it to the setting `connectTimeout`; 0 is no limit. */
  readonly connectTimeoutMs: number | undefined
  readonly sessionAttributes: SessionAttributes
  readonly tls: TlsParameters
  readonly channelBinding: 'disable' | 'prefer' | 'require'
}

/**
 * Reads a `postgres://` URL as libpq does; what cannot be honoured is refused by name.
 *
 * @throws TidemarkError TM7050 when it cannot be used, TM7052 when its TLS settings cannot; no message
 *   repeats the URL.
 */
export function readConnectionUrl(url: string, environment: NodeJS.ProcessEnv = process.env): ConnectionUrl {
  const read = parseConnectionUrl(url, environment)
  if (read.ok) return read.value
  const { code, reason, help } = read.error
  throw new TidemarkError({ code, message: `the database URL ${reason}`, help })
}

/** Like {@link readConnectionUrl}, with the problem as a value. */
export function parseConnectionUrl(
  url: string,
  environment: NodeJS.ProcessEnv = process.env,
): Result<ConnectionUrl, UrlProblem> {
  const gathered = gatherSettings(url, environment)
  if (!gathered.ok) return gathered
  const { settings } = gathered.value
  const problem = findProblem(settings)
  if (problem !== undefined) return err(problem)
  const tls = readTlsParameters(settings)
  return tls.ok ? ok(toConnectionUrl(gathered.value, tls.value, environment)) : tls
}

function toConnectionUrl(
  gathered: GatheredSettings,
  tls: TlsParameters,
  environment: NodeJS.ProcessEnv,
): ConnectionUrl {
  const { settings } = gathered
  const get = (keyword: string) => settings.get(keyword) || undefined
  const user = get('user') ?? systemUser()
  const target = {
    host: get('host') ?? get('hostaddr') ?? 'localhost',
    port: Number(get('port') ?? 5432),
    database: get('dbname') ?? user,
    user,
  }
  const timeout = get('connect_timeout')
  return {
    target,
    address: get('hostaddr'),
    ...readPassword(gathered, target, environment),
    options: get('options'),
    sessionOptions: sessionOptions(settings),
    applicationName: get('application_name'),
    connectTimeoutMs: timeout === undefined ? undefined : Math.max(0, Number(timeout)) * 1000,
    sessionAttributes: oneOf(SESSION_ATTRIBUTES, get('target_session_attrs')) ?? 'any',
    tls,
    channelBinding: oneOf(CHANNEL_BINDINGS, get('channel_binding')) ?? 'disable',
  }
}

function readPassword(
  { settings, sources }: GatheredSettings,
  target: UrlTarget,
  environment: NodeJS.ProcessEnv,
): Pick<ConnectionUrl, 'password' | 'passwordSource'> {
  const given = settings.get('password')
  if (given) return { password: given, passwordSource: { kind: sources.get('password') ?? 'url' } }
  const owner = { ...target, port: target.port ?? 5432 }
  const found = findPassword(owner, settings.get('passfile') || undefined, environment)
  if (found.kind === 'found') return { password: found.password, passwordSource: { kind: 'file' } }
  return { password: undefined, passwordSource: found }
}

function sessionOptions(settings: ConnectionSettings): string | undefined {
  const searchPath = settings.get('search_path')
  const own = searchPath === undefined ? '' : formatStartupOption('search_path', searchPath)
  return [settings.get('options') ?? '', own].filter((part) => part !== '').join(' ') || undefined
}

const CHANNEL_BINDINGS = ['disable', 'prefer', 'require'] as const

function oneOf<T extends string>(values: readonly T[], value: string | undefined): T | undefined {
  return values.find((known) => known === value)
}

type Check = (value: string) => UrlProblem | undefined

const CHECKS: Readonly<Record<string, Check>> = {
  host: (host) => {
    if (host.includes(',')) {
      return urlProblem('names several hosts', 'name one host only: the primary, where migrations run')
    }
    return host.startsWith('@')
      ? urlProblem(
          'names an abstract socket, which is not supported',
          'name a folder with a socket, or a host',
        )
      : undefined
  },
  hostaddr: (address) =>
    address === '' || isIP(address) !== 0
      ? undefined
      : urlProblem('has a hostaddr that is not one IP address', 'write the name of a host as host'),
  port: (port) =>
    port === '' || (/^\d+$/.test(port) && Number(port) > 0 && Number(port) < 65_536)
      ? undefined
      : urlProblem(
          'has a port that is not a number from 1 to 65535',
          'write it as postgres://user:password@host:5432/database; PGPORT fills in what the URL leaves out',
        ),
  connect_timeout: (timeout) =>
    timeout === '' || /^-?\d{1,6}$/.test(timeout)
      ? undefined
      : urlProblem('has a connect_timeout that is not a whole number of seconds', 'write connect_timeout=10'),
  target_session_attrs: (attributes) => checkChoice('target_session_attrs', attributes, SESSION_ATTRIBUTES),
  channel_binding: (binding) => checkChoice('channel_binding', binding, CHANNEL_BINDINGS),
}

function checkChoice(name: string, value: string, choices: readonly string[]): UrlProblem | undefined {
  if (value === '' || choices.includes(value)) return undefined
  return urlProblem(`has an unknown value of ${name}`, `write one of ${choices.join(', ')}`)
}

function findProblem(settings: ConnectionSettings): UrlProblem | undefined {
  for (const [keyword, value] of settings) {
    const problem = CHECKS[keyword]?.(value) ?? checkLimited(keyword, value)
    if (problem !== undefined) return problem
  }
  return undefined
}

function systemUser(): string {
  try {
    return userInfo().username
  } catch {
    return process.env['USER'] || 'postgres'
  }
}
