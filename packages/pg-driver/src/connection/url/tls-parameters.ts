import { err, ok, type Result, TidemarkError } from '@tidemark/core'
import { TLS_MODES, type TlsMode } from '../../options/tls-options.ts'
import type { UrlProblem } from './url-problem.ts'

/** What a URL and the environment say of TLS: paths where `TlsOptions` has contents. */
export interface TlsParameters {
  readonly mode: TlsMode | undefined
  /** A path, or `system` for the authorities that Node trusts. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly passphrase: string | undefined
  /** A path to a list of revoked certificates. */
  readonly revocationList: string | undefined
  readonly minVersion: TlsVersion | undefined
  readonly maxVersion: TlsVersion | undefined
  readonly negotiation: 'postgres' | 'direct'
}

/** Versions of TLS, in the words of libpq and of Node. */
const TLS_VERSIONS = ['TLSv1', 'TLSv1.1', 'TLSv1.2', 'TLSv1.3'] as const

/** One of libpq's versions of TLS. */
export type TlsVersion = (typeof TLS_VERSIONS)[number]

/**
 * Reads libpq's settings of TLS, and the `ssl` of other Node tools (`true` is `verify-full`, `no-verify` is
 * `require`). A mode, version or combination that does not exist is TM7052.
 */
export function readTlsParameters(settings: ReadonlyMap<string, string>): Result<TlsParameters, UrlProblem> {
  const get = (keyword: string) => settings.get(keyword) || undefined
  const written = settings.get('sslmode') ?? settings.get('ssl')
  const tls: TlsParameters = {
    mode: written === undefined ? undefined : readMode(written),
    rootCertificate: get('sslrootcert'),
    certificate: get('sslcert'),
    key: get('sslkey'),
    passphrase: get('sslpassword'),
    revocationList: get('sslcrl'),
    minVersion: readVersion(get('ssl_min_protocol_version')),
    maxVersion: readVersion(get('ssl_max_protocol_version')),
    negotiation: get('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
  }
  const problem = findTlsProblem(settings, tls)
  return problem === undefined ? ok(tls) : err(problem)
}

function findTlsProblem(settings: ReadonlyMap<string, string>, tls: TlsParameters): UrlProblem | undefined {
  const written = settings.get('sslmode') ?? settings.get('ssl')
  if (written !== undefined && tls.mode === undefined) {
    return tlsProblem(
      `has "${written}" as sslmode, which does not exist`,
      `write ${TLS_MODES.slice(0, -1).join(', ')} or ${TLS_MODES.at(-1)}`,
    )
  }
  for (const keyword of ['ssl_min_protocol_version', 'ssl_max_protocol_version']) {
    const version = settings.get(keyword) ?? ''
    if (version !== '' && readVersion(version) === undefined) {
      return tlsProblem(`has an unknown value of ${keyword}`, `write one of ${TLS_VERSIONS.join(', ')}`)
    }
  }
  const negotiation = settings.get('sslnegotiation') ?? ''
  if (!['', 'postgres', 'direct'].includes(negotiation)) {
    return tlsProblem('has an unknown value of sslnegotiation', 'write postgres or direct')
  }
  const mode = tls.mode ?? (tls.rootCertificate === undefined ? 'prefer' : 'verify-full')
  if (tls.negotiation === 'direct' && (mode === 'prefer' || mode === 'disable')) {
    return tlsProblem(
      `has sslnegotiation=direct, which sslmode=${mode} does not allow`,
      'write sslmode=require',
    )
  }
  if (tls.rootCertificate === 'system' && tls.mode !== undefined && tls.mode !== 'verify-full') {
    return tlsProblem(
      `has sslrootcert=system, which needs sslmode=verify-full and not ${tls.mode}: anybody can get a certificate from a public authority`,
      'write sslmode=verify-full, or leave sslmode out',
    )
  }
  return undefined
}

function readMode(written: string): TlsMode | undefined {
  return OTHER_WORDS[written] ?? TLS_MODES.find((known) => known === written)
}

function readVersion(written: string | undefined): TlsVersion | undefined {
  return TLS_VERSIONS.find((known) => known === written)
}

const OTHER_WORDS: Readonly<Record<string, TlsMode>> = {
  allow: 'prefer',
  'no-verify': 'require',
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
}

function tlsProblem(reason: string, help: string): UrlProblem {
  return { code: 'TM7052', reason, help }
}

/** TM7052: TLS settings that mean nothing. */
export function wrongTls(message: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7052', message, help })
}
