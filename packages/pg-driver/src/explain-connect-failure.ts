import { TidemarkError } from '@tidemark/core'
import type { UrlTarget } from './database-url.ts'
import { maskSecrets } from './mask-secrets.ts'
import { isServerError } from './sql-state.ts'

const HELP: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there: is the server running, and is the port right?',
  ENOTFOUND: 'the host name does not exist: check its spelling',
  EAI_AGAIN: 'the host name could not be looked up: is there a network?',
  ENETUNREACH: 'there is no route to the host, often because it has an IPv6 address only',
  EHOSTUNREACH: 'there is no route to the host, often because it has an IPv6 address only',
  ETIMEDOUT: 'the host does not answer: a firewall, or a wrong host',
  ECONNRESET: 'the server closed the connection: is it a PostgreSQL server, and does it want TLS?',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is self-signed: give its authority with sslrootcert',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed: give its authority with sslrootcert',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: 'the certificate has an unknown authority: give it with sslrootcert',
  ERR_TLS_CERT_ALTNAME_INVALID: 'the certificate is for another host name',
  '28P01': 'the password is wrong; @ : / ? # % in it must be percent-encoded in the URL ("%" is "%25")',
  '28000': 'the server refuses this user, database or address (pg_hba.conf), or wants TLS',
  '3D000': 'the database does not exist: create it, or run "tidemark up --create-db"',
  '53300': 'the server has no connection left: close some, or raise max_connections',
  '57P03': 'the server is starting up or shutting down: try again',
}

const SUPABASE_DIRECT = /^db\.([a-z0-9]+)\.supabase\.co$/

/** Makes TM5001 of whatever `pg` rejected with: which target, what happened, what to do. No credentials. */
export function explainConnectFailure(error: unknown, target: UrlTarget, timeoutMs: number): TidemarkError {
  const cause = error instanceof AggregateError ? error.errors[0] : error
  const code = codeOf(cause)
  const message = cause instanceof Error ? maskSecrets(cause.message) : String(cause)
  const place = `${target.user}@${target.host}:${target.port ?? 5432}/${target.database}`
  const isLate = message === 'timeout expired'
  return new TidemarkError({
    code: 'TM5001',
    message: `cannot connect to ${place}: ${isLate ? `no answer within ${timeoutMs} ms` : message}`,
    help: helpFor(code, message, target),
    details: { ...target, ...(isServerError(cause) ? { sqlState: cause.code } : { reason: code ?? null }) },
    cause: error,
  })
}

function helpFor(code: string | undefined, message: string, { host }: UrlTarget): string {
  const isUnreachable = code !== undefined && ['ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND'].includes(code)
  if (isUnreachable && SUPABASE_DIRECT.test(host)) {
    return 'this Supabase host has an IPv6 address only: use the session pooler (aws-0-REGION.pooler.supabase.com:5432)'
  }
  if (message.includes('does not support SSL')) return 'the server has no TLS: add ?sslmode=disable'
  if (message === 'timeout expired')
    return 'the host does not answer: a firewall, a wrong host, or raise connectTimeout'
  return (code === undefined ? undefined : HELP[code]) ?? 'check host, port, database, user and network'
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
