import { TidemarkError } from '@tidemark/core'

/** How a connection is encrypted and what is checked; see {@link TlsOptions.mode}. */
export const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

/** One of {@link TLS_MODES}. */
export type TlsMode = (typeof TLS_MODES)[number]

/**
 * TLS of a connection. The modes are defined here (and in `docs/connections.md`), whatever `pg` makes of the same words:
 *
 * | mode | encrypted | certificate |
 * | --- | --- | --- |
 * | `disable` | never | |
 * | `prefer` | if the server can | not checked |
 * | `require` | always | not checked; with an authority its signature is, as in libpq |
 * | `verify-ca` | always | signed by the authority |
 * | `verify-full` | always | signed by the authority, and for this host name |
 */
export interface TlsOptions {
  /** Default `verify-full` with an authority; else `prefer`, and `disable` to this machine itself. */
  readonly mode?: TlsMode | undefined
  /** Certificates of the authorities (PEM). Default those that Node trusts, with `NODE_EXTRA_CA_CERTS`. */
  readonly ca?: string | Uint8Array | undefined
  /** The client's certificate (PEM). */
  readonly cert?: string | Uint8Array | undefined
  /** The key of that certificate (PEM). */
  readonly key?: string | Uint8Array | undefined
  /** Of the key, when it is encrypted. */
  readonly passphrase?: string | undefined
}

/** What a URL and the environment say of TLS: paths where {@link TlsOptions} has contents. */
export interface TlsParameters {
  readonly mode: TlsMode | undefined
  /** A path, or `system` for the authorities that Node trusts. */
  readonly rootCertificate: string | undefined
  readonly certificate: string | undefined
  readonly key: string | undefined
  readonly passphrase: string | undefined
  readonly negotiation: 'postgres' | 'direct'
}

/**
 * Reads `sslmode`, `sslrootcert`, `sslcert`, `sslkey`, `sslpassword`, `sslnegotiation` and the `ssl` of other Node tools
 * (`true` is `verify-full`, `no-verify` is `require`); what is left out comes from `PGSSLMODE` and so on.
 *
 * @throws TidemarkError TM7052 for a mode or combination that is none.
 */
export function readTlsParameters(
  parameters: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
): TlsParameters {
  const pick = (name: string) => parameters.get(name) || environment[`PG${name.toUpperCase()}`] || undefined
  const tls: TlsParameters = {
    mode: readMode(parameters, environment),
    rootCertificate: pick('sslrootcert'),
    certificate: pick('sslcert'),
    key: pick('sslkey'),
    passphrase: parameters.get('sslpassword'),
    negotiation: pick('sslnegotiation') === 'direct' ? 'direct' : 'postgres',
  }
  if (tls.rootCertificate === 'system' && tls.mode !== undefined && tls.mode !== 'verify-full') {
    throw wrongTls(
      `sslrootcert=system needs sslmode=verify-full, not ${tls.mode}: anybody can get a certificate from a public authority`,
      'write sslmode=verify-full, or leave sslmode out',
    )
  }
  return tls
}

function readMode(
  parameters: ReadonlyMap<string, string>,
  environment: NodeJS.ProcessEnv,
): TlsMode | undefined {
  const nodeStyle = parameters.get('ssl')
  const written = parameters.get('sslmode') || nodeStyle || environment['PGSSLMODE']
  if (written === undefined || written === '') return undefined
  const mode = OTHER_WORDS[written] ?? TLS_MODES.find((known) => known === written)
  if (mode !== undefined) return mode
  throw wrongTls(
    `"${written}" is not a valid sslmode`,
    `write ${TLS_MODES.slice(0, -1).join(', ')} or ${TLS_MODES.at(-1)}`,
  )
}

const OTHER_WORDS: Readonly<Record<string, TlsMode>> = {
  allow: 'prefer',
  'no-verify': 'require',
  true: 'verify-full',
  1: 'verify-full',
  false: 'disable',
  0: 'disable',
}

/** TM7052: TLS settings that mean nothing. */
export function wrongTls(message: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7052', message, help })
}
