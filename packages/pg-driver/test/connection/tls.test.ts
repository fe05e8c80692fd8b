import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { createTestAuthority, startServer, type TestAuthority, type TestServer } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import { readConnectionUrl } from '../../src/connection/connection-url.ts'
import { resolveTls } from '../../src/connection/tls-config.ts'
import { createMigrationRunner, type TlsOptions } from '../../src/index.ts'

let authority: TestAuthority
let secure: TestServer
let plain: TestServer
let folder: string
const file = (name: string) => join(folder, name)
const migrations = {
  readMigrations: async () => ({ ok: true as const, value: { migrations: [], notes: [] } }),
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-tls-'))
  authority = await createTestAuthority()
  const stranger = await createTestAuthority('Another authority')
  const server = await authority.issue({ commonName: 'db', hosts: ['localhost'] })
  const ada = await authority.issue({ commonName: 'ada' })
  const mallory = await stranger.issue({ commonName: 'ada' })
  const files = {
    'ca.pem': authority.cert,
    'other-ca.pem': stranger.cert,
    'ada.pem': ada.cert,
    'ada.key': ada.key,
    'mallory.pem': mallory.cert,
    'mallory.key': mallory.key,
    'empty.pem': 'nothing\n',
  }
  for (const [name, text] of Object.entries(files)) writeFileSync(file(name), text)
  secure = await startServer({
    settings: { ssl: 'on', ssl_ca_file: 'ca.pem' },
    files: { 'ca.pem': authority.cert, 'server.crt': server.cert, 'server.key': server.key },
    hba: [
      'hostssl all ada 127.0.0.1/32 cert',
      'hostssl all all 127.0.0.1/32 scram-sha-256',
      'host all all 127.0.0.1/32 reject',
    ],
  })
  plain = await startServer()
  await withUrl(url(secure, 'sslmode=require'), undefined, async (query) => {
    await query('CREATE ROLE ada LOGIN')
  })
})
afterAll(async () => {
  await Promise.all([secure?.remove(), plain?.remove()])
  rmSync(folder, { recursive: true, force: true })
})

function url(server: TestServer, query: string, host = '127.0.0.1', user?: string): string {
  const made = new URL(server.url())
  made.hostname = host
  made.search = query
  if (user !== undefined) Object.assign(made, { username: user, password: '' })
  return made.href
}

async function withUrl<T>(
  target: string,
  ssl: TlsOptions | undefined,
  work: (query: (text: string) => Promise<readonly Record<string, unknown>[]>) => Promise<T>,
): Promise<T> {
  const connection = await connectToServer({
    url: target,
    applicationName: 'tls',
    timeoutMs: 10_000,
    ...(ssl === undefined ? {} : { ssl }),
  })
  try {
    return await work(async (text) => (await connection.query(text)).rows)
  } finally {
    await connection.close()
  }
}

/** `encrypted`, `plain`, or the hint of the failure. */
async function outcomeOf(target: string, ssl?: TlsOptions): Promise<string> {
  const runner = createMigrationRunner({ database: target, migrations, ...(ssl && { ssl }) })
  const error = await runner.createMigrationPlan().then(
    () => undefined,
    (thrown: unknown) => thrown,
  )
  if (error === undefined) {
    return withUrl(target, ssl, async (query) => {
      const [row] = await query('SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()')
      return row?.['ssl'] === true ? 'encrypted' : 'plain'
    })
  }
  if (!(error instanceof TidemarkError)) throw error
  expect(error.help).not.toContain('\n')
  return `${error.code}: ${error.help}`
}

const NO_TLS_REFUSED = 'TM5001: the server refuses connections without TLS: add ?sslmode=require'
const NAME_IT =
  "set its authority's certificate with sslrootcert=FILE, or encrypt without a check with sslmode=require"
const UNKNOWN = `TM5001: the certificate has an unknown authority: ${NAME_IT}`
const WRONG_NAME =
  'TM5001: the certificate is for another host name: the host in the URL must be a name in the certificate; sslmode=verify-ca does not check the name'

describe('each mode, by what the docs say of it', () => {
  test.each([
    // mode, authority, host, what comes of it
    ['disable', undefined, '127.0.0.1', NO_TLS_REFUSED],
    ['prefer', undefined, '127.0.0.1', 'encrypted'],
    ['allow', undefined, '127.0.0.1', 'encrypted'],
    ['require', undefined, '127.0.0.1', 'encrypted'],
    ['no-verify', undefined, '127.0.0.1', 'encrypted'],
    ['require', 'ca.pem', '127.0.0.1', 'encrypted'],
    ['require', 'other-ca.pem', '127.0.0.1', UNKNOWN],
    ['verify-ca', undefined, '127.0.0.1', UNKNOWN],
    ['verify-ca', 'other-ca.pem', '127.0.0.1', UNKNOWN],
    ['verify-ca', 'ca.pem', '127.0.0.1', 'encrypted'],
    ['verify-full', undefined, 'localhost', UNKNOWN],
    ['verify-full', 'system', 'localhost', UNKNOWN],
    ['verify-full', 'other-ca.pem', 'localhost', UNKNOWN],
    ['verify-full', 'ca.pem', '127.0.0.1', WRONG_NAME],
    ['verify-full', 'ca.pem', 'localhost', 'encrypted'],
    [undefined, undefined, '127.0.0.1', NO_TLS_REFUSED],
    [undefined, 'ca.pem', '127.0.0.1', WRONG_NAME],
    [undefined, 'ca.pem', 'localhost', 'encrypted'],
    [undefined, 'system', 'localhost', UNKNOWN],
  ])('sslmode=%s, sslrootcert=%s, host %s', async (mode, root, host, expected) => {
    const query = new URLSearchParams()
    if (mode !== undefined) query.set('sslmode', mode)
    if (root !== undefined) query.set('sslrootcert', root === 'system' ? root : file(root))
    expect(await outcomeOf(url(secure, query.toString(), host))).toBe(expected)
  })

  test.each([
    ['disable', 'plain'],
    ['prefer', 'plain'],
    [
      'require',
      'TM5001: the server has no TLS: on a trusted network, connect without it with sslmode=disable',
    ],
  ])('sslmode=%s to a server without TLS', async (mode, expected) => {
    expect(await outcomeOf(url(plain, `sslmode=${mode}`))).toBe(expected)
  })

  test('the option "ssl" of the program has contents where the URL has paths, and wins over it', async () => {
    expect(await outcomeOf(url(secure, '', 'localhost'), { ca: authority.cert })).toBe('encrypted')
    expect(await outcomeOf(url(secure, 'sslmode=disable'), { mode: 'verify-full', ca: authority.cert })).toBe(
      WRONG_NAME,
    )
    expect(await outcomeOf(url(secure, ''), { mode: 'verify-ca', ca: Buffer.from(authority.cert) })).toBe(
      'encrypted',
    )
  })

  test('the defaults: checked with an authority, encrypted if possible elsewhere, plain to this machine and to a socket', async () => {
    const modeOf = async (host: string, search = '') => {
      const read = readConnectionUrl(`postgres:///?host=${encodeURIComponent(host)}&${search}`, {})
      return (await resolveTls(read, undefined)).mode
    }
    expect(await modeOf('db.example')).toBe('prefer')
    expect(await modeOf('db.example', `sslrootcert=${file('ca.pem')}`)).toBe('verify-full')
    expect(await modeOf('db.example', 'ssl=true')).toBe('verify-full')
    expect(await modeOf('db.example', 'ssl=false')).toBe('disable')
    expect(await modeOf('localhost')).toBe('disable')
    expect(await modeOf('127.0.0.1')).toBe('disable')
    expect(await modeOf('::1')).toBe('disable')
    expect(await modeOf('/var/run/postgresql', 'sslmode=verify-full')).toBe('disable')
  })
})

test('channel_binding=require binds SCRAM to TLS, and is refused where that cannot be', async () => {
  const required = 'channel_binding=require'
  expect(await outcomeOf(url(secure, `sslmode=require&${required}`))).toBe('encrypted')
  expect(await outcomeOf(url(secure, `sslmode=require&channel_binding=disable`))).toBe('encrypted')
  expect(await outcomeOf(url(plain, `sslmode=disable&${required}`))).toBe(
    'TM7052: write sslmode=require, or leave channel_binding out',
  )
  const own = `sslcert=${file('ada.pem')}&sslkey=${file('ada.key')}`
  expect(await outcomeOf(url(secure, `sslmode=require&${required}&${own}`, '127.0.0.1', 'ada'))).toBe(
    'TM7052: leave channel_binding=require out',
  )
})

describe('client certificates', () => {
  const own = (name: string) => `sslcert=${file(`${name}.pem`)}&sslkey=${file(`${name}.key`)}`

  test('sslcert and sslkey sign in without a password', async () => {
    expect(await outcomeOf(url(secure, `sslmode=require&${own('ada')}`, '127.0.0.1', 'ada'))).toBe(
      'encrypted',
    )
  })

  test.each([
    [
      'none',
      'sslmode=require',
      'TM5001: the server requires a client certificate for this user: set sslcert and sslkey',
    ],
    [
      'one of another authority',
      () => `sslmode=require&${own('mallory')}`,
      'TM5001: the server does not trust the authority of your certificate: check sslcert',
    ],
    [
      'one without its key',
      () => `sslmode=require&sslcert=${file('ada.pem')}`,
      'TM7052: set both sslcert and sslkey',
    ],
    [
      'one with the key of another',
      () => `sslmode=require&sslcert=${file('ada.pem')}&sslkey=${file('mallory.key')}`,
      'TM5001: sslcert and sslkey must be PEM files that belong together; sslpassword decrypts an encrypted key',
    ],
    [
      'one that is none',
      () => `sslmode=require&sslcert=${file('empty.pem')}&sslkey=${file('ada.key')}`,
      'TM5001: sslcert and sslkey must be PEM files that belong together; sslpassword decrypts an encrypted key',
    ],
    [
      'a file that is not there',
      'sslmode=require&sslcert=/nowhere/a.pem&sslkey=/nowhere/a.key',
      'TM7053: use a PEM file that this user can read; a relative path is relative to the working directory',
    ],
  ])('%s', async (_, query, expected) => {
    const search = typeof query === 'string' ? query : query()
    expect(await outcomeOf(url(secure, search, '127.0.0.1', 'ada'))).toBe(expected)
  })
})

test.each([
  ['sslmode=verify_full', 'TM7052', 'the database URL has "verify_full" as sslmode, which does not exist'],
  [
    'sslmode=require&sslrootcert=system',
    'TM7052',
    'the database URL has sslrootcert=system, which needs sslmode=verify-full and not require: anybody can get a certificate from a public authority',
  ],
])('%s is refused before connecting', (query, code, message) => {
  const make = () => createMigrationRunner({ database: `postgres://localhost/x?${query}`, migrations })
  expect(make).toThrow(expect.objectContaining({ code, message }))
})

test('an expired certificate and one that expires are distinguished from an unknown one', async () => {
  const expired = await authority.issue({
    commonName: 'db',
    hosts: ['localhost'],
    notAfter: new Date(Date.now() - 1000),
  })
  const server = await startServer({
    settings: { ssl: 'on' },
    files: { 'server.crt': expired.cert, 'server.key': expired.key },
  })
  try {
    const target = url(server, `sslmode=verify-full&sslrootcert=${file('ca.pem')}`, 'localhost')
    expect(await outcomeOf(target)).toBe(
      "TM5001: the server's certificate has expired: renew it on the server",
    )
  } finally {
    await server.remove()
  }
})
