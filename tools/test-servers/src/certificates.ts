import { generate } from 'selfsigned'

/** A certificate with its key, both PEM. */
export interface TestCertificate {
  readonly cert: string
  readonly key: string
}

/** A certificate authority of the test's own. */
export interface TestAuthority {
  /** Its certificate, for those who trust it. */
  readonly cert: string
  /**
   * Issues a certificate: of a server for host names and addresses, or of a client for the name of its role.
   */
  issue(subject: CertificateSubject): Promise<TestCertificate>
}

/** Whom a certificate is for. */
export interface CertificateSubject {
  readonly commonName: string
  /** Host names that a server's certificate is valid for. */
  readonly hosts?: readonly string[]
  readonly addresses?: readonly string[]
  /** The last day; default tomorrow. */
  readonly notAfter?: Date
}

const DAY_MS = 86_400_000
const KEYS = { keyType: 'ec', algorithm: 'sha256' } as const

/**
 * Makes an authority that nobody trusts yet, in some milliseconds and without openssl.
 *
 * @example
 * const authority = await createTestAuthority()
 * const { cert, key } = await authority.issue({ commonName: 'localhost', hosts: ['localhost'] })
 */
export async function createTestAuthority(commonName = 'Test authority'): Promise<TestAuthority> {
  const now = Date.now()
  const own = await generate([{ name: 'commonName', value: commonName }], {
    ...KEYS,
    notBeforeDate: new Date(now - 30 * DAY_MS),
    notAfterDate: new Date(now + DAY_MS),
    extensions: [
      { name: 'basicConstraints', cA: true, critical: true },
      { name: 'keyUsage', keyCertSign: true, cRLSign: true, critical: true },
    ],
  })
  return {
    cert: own.cert,
    async issue({ commonName: name, hosts = [], addresses = [], notAfter = new Date(now + DAY_MS) }) {
      const altNames = [
        ...hosts.map((value) => ({ type: 2 as const, value })),
        ...addresses.map((ip) => ({ type: 7 as const, ip })),
      ]
      const { cert, private: key } = await generate([{ name: 'commonName', value: name }], {
        ...KEYS,
        notBeforeDate: new Date(now - 30 * DAY_MS),
        notAfterDate: notAfter,
        ca: { key: own.private, cert: own.cert },
        extensions: [
          { name: 'basicConstraints', cA: false },
          { name: 'extKeyUsage', serverAuth: true, clientAuth: true },
          ...(altNames.length === 0 ? [] : [{ name: 'subjectAltName' as const, altNames }]),
        ],
      })
      return { cert, key }
    },
  }
}
