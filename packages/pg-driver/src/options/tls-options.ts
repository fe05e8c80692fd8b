/** How a connection is encrypted and what is checked; see {@link TlsOptions.mode}. */
export const TLS_MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const

/** One of {@link TLS_MODES}. */
export type TlsMode = (typeof TLS_MODES)[number]

/**
 * TLS of a connection. The modes are defined here (and in `docs/connections.md`), whatever `pg` makes of the
 * same words:
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
