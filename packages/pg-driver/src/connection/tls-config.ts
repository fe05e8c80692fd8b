import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import type { ConnectionOptions } from 'node:tls'
import { TidemarkError } from '@tidemark/core'
import type { TlsMode, TlsOptions } from '../options/tls-options.ts'
import type { ConnectionUrl } from './connection-url.ts'
import { wrongTls } from './url/tls-parameters.ts'

/** What to do about TLS on one connection. */
export interface TlsConfig {
  readonly mode: TlsMode
  /** Options of the handshake; null is none. */
  readonly ssl: ConnectionOptions | null
}

/**
 * Decides TLS for a host and reads the files that it needs. `options` of the program win over the URL. To a
 * socket in the file system there is none, as in libpq.
 *
 * @throws TidemarkError TM7053 when a file cannot be read, TM7052 for a certificate without its key.
 */
export async function resolveTls(
  { target: { host }, address, tls: parameters }: Pick<ConnectionUrl, 'target' | 'address' | 'tls'>,
  options: TlsOptions | undefined,
): Promise<TlsConfig> {
  const isOwnAuthority = options?.ca !== undefined || parameters.rootCertificate !== undefined
  const mode = isSocket(address ?? host)
    ? 'disable'
    : (options?.mode ?? parameters.mode ?? defaultMode(host, isOwnAuthority))
  if (mode === 'disable') return { mode, ssl: null }
  const [ca, cert, key, crl] = await Promise.all([
    options?.ca ?? readAuthorities(parameters.rootCertificate),
    options?.cert ?? readPem('sslcert', parameters.certificate),
    options?.key ?? readPem('sslkey', parameters.key),
    readPem('sslcrl', parameters.revocationList),
  ])
  if ((cert === undefined) !== (key === undefined)) {
    const missing = cert === undefined ? 'sslcert' : 'sslkey'
    throw wrongTls(`a client certificate needs its key: ${missing} is missing`, `set both sslcert and sslkey`)
  }
  const passphrase = options?.passphrase ?? parameters.passphrase
  const { minVersion, maxVersion } = parameters
  return {
    mode,
    ssl: {
      ...verification(mode, ca),
      ...(cert === undefined ? {} : { cert: toPem(cert) }),
      ...(key === undefined ? {} : { key: toPem(key) }),
      ...(passphrase === undefined ? {} : { passphrase }),
      ...(crl === undefined ? {} : { crl: toPem(crl) }),
      ...(minVersion === undefined ? {} : { minVersion }),
      ...(maxVersion === undefined ? {} : { maxVersion }),
      // `pg` names the host by itself, but not when it connects to an address.
      ...(address === undefined || isIP(host) !== 0 ? {} : { servername: host }),
    },
  }
}

type Pem = string | Uint8Array | undefined

function verification(mode: TlsMode, ca: Pem): ConnectionOptions {
  const isChecked = mode === 'verify-ca' || mode === 'verify-full' || (mode === 'require' && ca !== undefined)
  return {
    rejectUnauthorized: isChecked,
    ...(isChecked && mode !== 'verify-full' ? { checkServerIdentity: () => undefined } : {}),
    ...(ca === undefined ? {} : { ca: toPem(ca) }),
  }
}

function defaultMode(host: string, isOwnAuthority: boolean): TlsMode {
  if (isOwnAuthority) return 'verify-full'
  return isThisMachine(host) ? 'disable' : 'prefer'
}

function isSocket(host: string): boolean {
  return host.startsWith('/')
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host)
}

async function readAuthorities(path: string | undefined): Promise<Pem> {
  return path === 'system' ? undefined : readPem('sslrootcert', path)
}

async function readPem(parameter: string, path: string | undefined): Promise<Pem> {
  if (path === undefined) return undefined
  const file = path.replace(/^~(?=[/\\])/, homedir())
  try {
    return await readFile(file)
  } catch (cause) {
    throw new TidemarkError({
      code: 'TM7053',
      message: `${parameter} "${path}" cannot be read: ${cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause)}`,
      help: 'use a PEM file that this user can read; a relative path is relative to the working directory',
      cause,
    })
  }
}

function toPem(pem: string | Uint8Array): string | Buffer {
  return typeof pem === 'string' ? pem : Buffer.from(pem)
}
