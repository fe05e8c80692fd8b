import { TOO_MANY_FILES_HELP } from '@tidemark/core'
import type { PasswordSource, UrlTarget } from './connection-url.ts'

/** What is known of a connection that failed. */
export interface ConnectFailure {
  /** A SQLSTATE, or the code of a socket or TLS error. */
  readonly code: string | undefined
  readonly message: string
  /** The function of the server that refused. */
  readonly routine?: string | undefined
  readonly target: UrlTarget
  readonly passwordSource: PasswordSource
}

const ROLE_LIMIT =
  'the limit of this role or database is reached: close some, or ALTER ROLE/DATABASE … CONNECTION LIMIT'
const UNREACHABLE =
  'there is no route to the host, often because it has only an IPv6 address and this network has no IPv6'
const WRONG_HOST =
  'the host in the URL must be a name in the certificate; sslmode=verify-ca does not check the name'
const UNKNOWN_AUTHORITY =
  "set its authority's certificate with sslrootcert=FILE, or encrypt without a check with sslmode=require"
const OWN_KEY =
  'sslcert and sslkey must be PEM files that belong together; sslpassword decrypts an encrypted key'

const BY_CODE: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'no server is listening there: check that it is running, and the port',
  ENOTFOUND: 'the host name does not exist: check its spelling',
  EAI_AGAIN: 'the host name could not be resolved: check the network',
  ENETUNREACH: UNREACHABLE,
  EHOSTUNREACH: UNREACHABLE,
  EADDRNOTAVAIL: UNREACHABLE,
  ETIMEDOUT: 'the host does not answer: check the firewall and the host',
  ECONNRESET:
    'the other side closed the connection: check that it is a PostgreSQL server, and whether it requires TLS',
  ENOENT: 'there is no such socket: check that the server runs on this machine, and the folder',
  EMFILE: TOO_MANY_FILES_HELP,
  ENFILE: TOO_MANY_FILES_HELP,
  EACCES: 'this user has no permission to open the socket',
  SELF_SIGNED_CERT_IN_CHAIN: `the certificate has an unknown authority: ${UNKNOWN_AUTHORITY}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `the certificate is self-signed: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `the certificate has an unknown authority: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT: `the certificate has an unknown authority: ${UNKNOWN_AUTHORITY}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `the certificate has an unknown authority: ${UNKNOWN_AUTHORITY}`,
  CERT_SIGNATURE_FAILURE: 'the certificate was not signed by this authority: check sslrootcert',
  CERT_HAS_EXPIRED: "the server's certificate has expired: renew it on the server",
  CERT_NOT_YET_VALID: "the server's certificate is not valid yet: check the clock of this machine",
  ERR_TLS_CERT_ALTNAME_INVALID: `the certificate is for another host name: ${WRONG_HOST}`,
  ERR_SSL_WRONG_VERSION_NUMBER: 'the other side does not use TLS: check the port, or set sslmode=disable',
  ERR_SSL_UNSUPPORTED_PROTOCOL: 'the server only supports TLS versions that are no longer safe: update it',
  ERR_SSL_TLSV1_ALERT_UNKNOWN_CA:
    'the server does not trust the authority of your certificate: check sslcert',
  ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED:
    'the server requires a client certificate: set sslcert and sslkey',
  ERR_OSSL_X509_KEY_VALUES_MISMATCH: OWN_KEY,
  ERR_OSSL_PEM_NO_START_LINE: OWN_KEY,
  ERR_OSSL_PEM_BAD_PASSWORD_READ: OWN_KEY,
  ERR_OSSL_BAD_DECRYPT: OWN_KEY,
  ERR_OSSL_CRYPTO_INTERRUPTED_OR_CANCELLED: OWN_KEY,
  '28000':
    'the server refuses this user, database or address, or a connection without TLS: check its pg_hba.conf',
  '3D000': 'the database does not exist: create it, or run "tidemark up --create-db"',
  '42501': 'the role has no privilege to connect to this database: GRANT CONNECT ON DATABASE … TO …',
  '53300':
    'the server has no free connection: close some, wait, or raise max_connections (or the limit of the role or database)',
  '57P03': 'the server was still starting up or shutting down after connectTimeout: check its log',
  '0A000': 'the server is too old, or not PostgreSQL',
}

/** SQLSTATE and function of the server, which say more than the code and are in no language. */
const BY_ROUTINE: Readonly<Record<string, string>> = {
  '28000 InitializeSessionUserId':
    'there is no such role, or it may not log in: check its spelling, then CREATE ROLE … LOGIN or ALTER ROLE … LOGIN',
  '53300 InitializeSessionUserId': ROLE_LIMIT,
  '53300 CheckMyDatabase': ROLE_LIMIT,
}

/** Messages that say more than their code, the first that matches. */
const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/^timeout expired$/, 'the host does not answer: check the firewall and the host, or raise connectTimeout'],
  [
    /does not support SSL/,
    'the server has no TLS: on a trusted network, connect without it with sslmode=disable',
  ],
  [
    /no encryption$|SSL (connection is )?required|SSL off/i,
    'the server refuses connections without TLS: add ?sslmode=require',
  ],
  [
    /requires a valid client certificate|certificate authentication failed/,
    'the server requires a client certificate for this user: set sslcert and sslkey',
  ],
  [
    /^Tenant or user not found/,
    'the pooler of Supabase requires the user "postgres.PROJECT", and the region of the project in its host name',
  ],
  [
    /MaxClientsInSessionMode|max clients reached|no more connections allowed/i,
    'the pooler has no free connection: close some, or raise its limits',
  ],
  [/too many connections for (role|database)/, ROLE_LIMIT],
  [
    /^Connection terminated unexpectedly$/,
    'the other side closed the connection: check that it is a PostgreSQL server, and whether it requires TLS',
  ],
]

/** Finds the next action for a connection that failed; one line. */
export function hintForConnecting({
  code,
  message,
  routine,
  target,
  passwordSource,
}: ConnectFailure): string {
  if (code === '28P01' || WITHOUT_PASSWORD.test(message)) return passwordHint(passwordSource)
  const supabase = isUnreachable(code) ? ipv6OnlyHint(target) : undefined
  if (supabase !== undefined) return supabase
  const said = BY_MESSAGE.find(([pattern]) => pattern.test(message))?.[1]
  const known = code === undefined ? undefined : BY_CODE[code]
  return said ?? BY_ROUTINE[`${code} ${routine}`] ?? known ?? 'check host, port, database, user and network'
}

/** What `pg` says when the server asks for a password and there is none. */
const WITHOUT_PASSWORD = /no password supplied|client password must be a (non-empty )?string$/

/** What to do about a password depends on where it came from; only in a URL has it to be encoded. */
function passwordHint(source: PasswordSource): string {
  switch (source.kind) {
    case 'url':
      return 'the password is wrong; @ : / ? # % in it must be percent-encoded in the URL ("%" is "%25")'
    case 'environment':
      return 'the password in PGPASSWORD is wrong; it is written there as it is, not percent-encoded'
    case 'service':
      return 'the password in the service file is wrong; it is written there as it is, not percent-encoded'
    case 'file':
      return 'the password in the password file is wrong: the first line that matches is used'
    case 'driver':
      return 'the password is wrong: the one that the Pool or Client was made with'
    case 'ignored':
      return `the server requires a password, and ${source.reason}`
    case 'none':
      return 'the server requires a password: set it in the URL, PGPASSWORD or ~/.pgpass'
  }
}

function isUnreachable(code: string | undefined): boolean {
  return code !== undefined && ['ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND', 'EADDRNOTAVAIL'].includes(code)
}

/** https://supabase.com/docs/guides/database/connecting-to-postgres */
function ipv6OnlyHint({ host, user, database }: UrlTarget): string | undefined {
  const project = /^db\.([a-z0-9]+)\.supabase\.(?:co|com|red)$/.exec(host)?.[1]
  if (project === undefined) return undefined
  return `this Supabase host has only an IPv6 address, and this network has no IPv6: use the session pooler, postgres://${user}.${project}:…@aws-0-REGION.pooler.supabase.com:5432/${database} (copy it from "Connect" in the dashboard)`
}
