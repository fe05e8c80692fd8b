import { execFile } from 'node:child_process'
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { TidemarkError } from '@tidemark/core'
import { findFreePort } from '@tidemark/test-servers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { connectToServer } from '../../src/connection/connect.ts'
import { type RecordingServer, startRecordingServer } from '../support/recording-server.ts'

const run = promisify(execFile)
const version = await run('psql', ['--version']).then(
  ({ stdout }) => Number(/\b(\d+)\.\d+/.exec(stdout)?.[1]),
  () => undefined,
)
const missing =
  version === undefined ? 'psql is not on PATH' : version < 15 ? `psql ${version} is too old` : ''

/** What a client asked for; `nothing` where it did not connect. */
type Asked =
  | {
      readonly at: string
      readonly user: string | undefined
      readonly database: string | undefined
      readonly options: string | undefined
      readonly application: string | undefined
      readonly password: string | undefined
    }
  | 'nothing'

let folder: string
let server: RecordingServer
let own: NodeJS.ProcessEnv
let ports: { readonly first: number; readonly second: number }

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'tidemark-uri-'))
  const first = await findFreePort()
  const second = await findFreePort()
  ports = { first, second }
  server = await startRecordingServer({
    first: { port: first, host: '127.0.0.1' },
    second: { port: second, host: '127.0.0.1' },
    'first of IPv6': { port: first, host: '::1' },
    socket: { path: join(folder, `.s.PGSQL.${first}`) },
    'second socket': { path: join(folder, `.s.PGSQL.${second}`) },
  })
  writeFileSync(
    join(folder, 'services.conf'),
    `# comment
[other]
host=127.0.0.1
port=${first}
[shop]
host=127.0.0.1
port=${second}
dbname=of service
user=ada
password=p%40ss
application_name=named
host=198.51.100.1

[after]
host=127.0.0.1
[nested]
service=shop
[wrong]
hots=127.0.0.1
`,
  )
  writeFileSync(
    join(folder, 'pgpass'),
    `# comment
198.51.100.1:*:*:*:not this host
127.0.0.1:${first}:shop:grace:secret of grace
127.0.0.1:${first}:a\\:b\\\\c:*:secr\\:et
*:${second}:*:*:any:thing
localhost:${first}:*:local:of localhost
`,
  )
  writeFileSync(join(folder, 'open'), '*:*:*:*:readable by all\n')
  for (const name of ['pgpass', 'services.conf']) chmodSync(join(folder, name), 0o600)
  chmodSync(join(folder, 'open'), 0o644)
  // What is known of the process, so that both start from the same.
  own = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('PG')))
})
afterAll(async () => {
  await server.close()
  rmSync(folder, { recursive: true })
})

/** Writes the ports and the folder of this run into a text. */
function fill(text: string): string {
  return text
    .replaceAll('FIRST', String(ports.first))
    .replaceAll('SECOND', String(ports.second))
    .replaceAll('FOLDER', folder)
    .replaceAll('ENCODED', encodeURIComponent(folder))
}

function takeAsked(defaultName: string): Asked {
  const start = server.take()
  if (start === undefined) return 'nothing'
  const { user, database, options, application_name: application } = start.parameters
  return {
    at: start.at,
    user,
    database: database ?? user,
    options,
    application: application === defaultName ? undefined : application,
    password: start.password || undefined,
  }
}

async function askByPsql(url: string, environment: NodeJS.ProcessEnv): Promise<Asked> {
  await run('psql', ['-X', '-w', '-c', 'SELECT 1', url], {
    env: { ...own, HOME: folder, ...environment },
  }).catch(() => undefined)
  return takeAsked('psql')
}

async function askByTidemark(url: string, environment: NodeJS.ProcessEnv): Promise<Asked> {
  const before = { ...process.env }
  for (const name of Object.keys(process.env)) if (name.startsWith('PG')) delete process.env[name]
  Object.assign(process.env, { HOME: folder }, environment)
  try {
    await connectToServer({ url, applicationName: 'tidemark', timeoutMs: 10_000 }).catch((error: unknown) => {
      // The recording server refuses everybody.
      if (!(error instanceof Error) || error instanceof TypeError) throw error
    })
  } finally {
    for (const name of ['HOME', ...Object.keys(environment)]) delete process.env[name]
    Object.assign(process.env, before)
  }
  return takeAsked('tidemark')
}

const LOCAL = { PGHOST: '127.0.0.1', PGPORT: 'FIRST', PGUSER: 'grace', PGDATABASE: 'of variable' }
const SERVICES = { PGSERVICEFILE: 'FOLDER/services.conf' }
const PASSWORDS = { PGPASSFILE: 'FOLDER/pgpass' }

type Case = readonly [url: string, environment?: Readonly<Record<string, string>>]

const AS_PSQL: readonly Case[] = [
  // The authority.
  ['postgres://ada@127.0.0.1:FIRST/shop'],
  ['postgresql://ada:secret@127.0.0.1:FIRST/shop'],
  ['postgres://ada:p%40s%3As%2Fw%3Fo%23r%25d+x y@127.0.0.1:FIRST/shop'],
  ['postgres://a%40b:@127.0.0.1:FIRST/shop%20and%20more'],
  ['postgres://:secret@127.0.0.1:FIRST/shop', LOCAL],
  ['postgres://ada@[::1]:FIRST/shop'],
  ['postgres://ada@[::1]/shop', { PGPORT: 'FIRST' }],
  ['postgres://ada@ENCODED:FIRST/shop'],
  ['postgres://ada@127.0.0.1:FIRST'],
  ['postgres://ada@127.0.0.1:FIRST/'],
  ['postgres://ada:secret@127.0.0.1:FIRST/?sslmode=disable'],
  ['postgres://ada@127.0.0.1:FIRST?dbname=shop'],
  ['postgres://', LOCAL],
  ['postgres:///', LOCAL],
  ['postgres:///shop', LOCAL],
  ['postgres://@/shop', LOCAL],
  ['postgres://@:/shop', LOCAL],
  ['postgres://ada@/shop', LOCAL],
  ['postgres://ada@:SECOND/shop', LOCAL],
  ['postgres://127.0.0.1', LOCAL],
  // Parameters stand for parts, and win over them.
  ['postgres://ada@localhost:1/db?host=FOLDER&port=FIRST'],
  ['postgres://ada@127.0.0.1:FIRST/db?port=SECOND'],
  ['postgres://ada@127.0.0.1:FIRST/db?user=grace'],
  ['postgres://ada:one@127.0.0.1:FIRST/db?password=two'],
  ['postgres://ada@127.0.0.1:FIRST/db?dbname=other'],
  ['postgres://ada:pw@/db?host=FOLDER&port=FIRST'],
  ['postgres://ada@/db?host=ENCODED&port=SECOND'],
  ['postgres://ada@198.51.100.1:FIRST/db?hostaddr=127.0.0.1'],
  ['postgres://ada@/db?hostaddr=127.0.0.1&port=SECOND'],
  ['postgres://ada@198.51.100.1/db', { PGHOSTADDR: '127.0.0.1', PGPORT: 'SECOND' }],
  ['postgres://ada@127.0.0.1:FIRST/db?port=1&port=SECOND'],
  ['postgres://ada@127.0.0.1:FIRST/db?user=&dbname=shop', { PGUSER: 'grace' }],
  ['postgres://ada@127.0.0.1:FIRST/db?application_name=a%20b'],
  ['postgres://ada@127.0.0.1:FIRST/db', { PGAPPNAME: 'of variable' }],
  ['postgres://ada@127.0.0.1:FIRST/db?options=-c%20search_path%3Dshop%20-c%20geqo%3Doff'],
  ['postgres://ada@127.0.0.1:FIRST/db', { PGOPTIONS: '-c search_path=of_variable' }],
  ['postgres://ada@127.0.0.1:FIRST/db?options=-c%20geqo%3Doff', { PGOPTIONS: '-c search_path=x' }],
  ['postgres://ada@127.0.0.1:FIRST/db?sslmode=prefer&connect_timeout=5&keepalives=1&gssencmode=disable'],
  ['postgres://ada@127.0.0.1:FIRST/db?target_session_attrs=any&channel_binding=prefer'],
  ['postgres://ada@127.0.0.1:FIRST/db', { PGSSLMODE: 'prefer', PGTARGETSESSIONATTRS: 'read-write' }],
  ['postgres://ada@127.0.0.1:FIRST/db?'],
  ['postgres://ada@127.0.0.1:FIRST/db?user=grace&'],
  // Services.
  ['postgres://?service=shop', SERVICES],
  ['postgres://', { ...SERVICES, PGSERVICE: 'shop' }],
  ['postgres://', { ...SERVICES, ...LOCAL, PGSERVICE: 'shop' }],
  ['postgres://grace:other@/mine?service=shop', SERVICES],
  ['postgres://127.0.0.1:FIRST/?service=shop', SERVICES],
  ['postgres:///?service=after', { ...SERVICES, ...LOCAL, PGHOST: '' }],
  ['postgres://?service=missing', { ...SERVICES, ...LOCAL }],
  ['postgres://?service=nested', { ...SERVICES, ...LOCAL }],
  ['postgres://?service=wrong', { ...SERVICES, ...LOCAL }],
  ['postgres://?service=shop', { ...LOCAL, PGSERVICEFILE: 'FOLDER/none.conf' }],
  // Password files.
  ['postgres://grace@127.0.0.1:FIRST/shop', PASSWORDS],
  ['postgres://grace@127.0.0.1:FIRST/shop?passfile=FOLDER/pgpass'],
  ['postgres://ada@127.0.0.1:FIRST/a%3Ab%5Cc', PASSWORDS],
  ['postgres://ada@127.0.0.1:SECOND/any', PASSWORDS],
  ['postgres://grace:own@127.0.0.1:FIRST/shop', PASSWORDS],
  ['postgres://grace:@127.0.0.1:FIRST/shop', PASSWORDS],
  ['postgres://grace@127.0.0.1:FIRST/shop', { ...PASSWORDS, PGPASSWORD: 'of variable' }],
  ['postgres://nobody@127.0.0.1:FIRST/shop', PASSWORDS],
  ['postgres://local@localhost:FIRST/shop?hostaddr=127.0.0.1', PASSWORDS],
  ['postgres://ada@127.0.0.1:FIRST/shop', { PGPASSFILE: 'FOLDER/open' }],
  ['postgres://ada@127.0.0.1:FIRST/shop', { PGPASSFILE: 'FOLDER' }],
  // What psql refuses.
  ['postgres://ada@127.0.0.1:FIRST/db?unknown=1'],
  ['postgres://ada@127.0.0.1:FIRST/db?PORT=SECOND'],
  ['postgres://ada@127.0.0.1:FIRST/db?user'],
  ['postgres://ada@127.0.0.1:0/db'],
  ['postgres://ada@127.0.0.1:99999/db'],
  ['postgres://ada@127.0.0.1:x/db'],
  ['postgres://ada@127.0.0.1:FIRST/db%'],
  ['postgres://ada@127.0.0.1:FIRST/db%00x'],
  ['postgres://ada@[::1:FIRST/db'],
  ['postgres://ada@[]:FIRST/db'],
  ['postgres://ada@[::1]x:FIRST/db'],
  ['postgres://ada@127.0.0.1:FIRST/db?sslmode=wrong'],
  ['postgres://ada@127.0.0.1:FIRST/db?sslmode='],
  ['postgres://ada@127.0.0.1:FIRST/db?target_session_attrs=wrong'],
  ['postgres://ada@127.0.0.1:FIRST/db?channel_binding=wrong'],
  ['postgres://ada@/db?hostaddr=127.0.0.1,127.0.0.1&port=FIRST'],
  ['postgres://ada@/db?hostaddr=localhost&port=FIRST'],
  ['postgres://ada@127.0.0.1:FIRST/db?connect_timeout=soon'],
  ['postgres://ada@127.0.0.1:FIRST/db?ssl_min_protocol_version=TLSv9'],
  ['postgres://ada@127.0.0.1:FIRST/db?sslmode=require'],
  ['postgres://ada@127.0.0.1:FIRST/db?gssencmode=require'],
]

/** psql connects; what cannot be honoured is refused here by its name. */
const REFUSED: readonly (readonly [url: string, reason: string])[] = [
  ['postgres://ada@127.0.0.1:FIRST,127.0.0.1:SECOND/db', 'names several hosts'],
  ['postgres://ada@/db?host=127.0.0.1,127.0.0.1&port=FIRST,SECOND', 'names several hosts'],
  ['postgres://ada@127.0.0.1%2C127.0.0.1:FIRST/db', 'names several hosts'],
  [
    'postgres://ada@127.0.0.1:FIRST/db?client_encoding=LATIN1',
    'asks for "client_encoding", which is not supported',
  ],
  [
    'postgres://ada@127.0.0.1:FIRST/db?requirepeer=postgres',
    'asks for "requirepeer", which is not supported',
  ],
  [
    'postgres://ada@127.0.0.1:FIRST/db?replication=database',
    'asks for "replication", which is not supported',
  ],
  ['postgres://ada@127.0.0.1:FIRST/db?sslsni=0', 'asks for "sslsni", which is not supported'],
  ['postgres://ada@127.0.0.1:FIRST/db?sslcrldir=/crl', 'asks for "sslcrldir", which is not supported'],
]

describe.skipIf(missing !== '')(
  `libpq's URIs, with psql as oracle${missing === '' ? '' : ` (skipped: ${missing})`}`,
  () => {
    test.each(AS_PSQL.map(([url, environment = {}]) => ({ url, environment })))(
      '$url $environment',
      async ({ url, environment }) => {
        const filled = Object.fromEntries(
          Object.entries(environment).map(([name, value]) => [name, fill(value)]),
        )
        expect(await askByTidemark(fill(url), filled)).toEqual(await askByPsql(fill(url), filled))
      },
    )

    test.each(REFUSED)('%s: %s', async (url, reason) => {
      expect(await askByPsql(fill(url), {})).not.toBe('nothing')
      const refused = connectToServer({ url: fill(url), applicationName: 'tidemark', timeoutMs: 10_000 })
      await expect(refused).rejects.toBeInstanceOf(TidemarkError)
      await expect(refused).rejects.toMatchObject({ code: 'TM7050', message: `the database URL ${reason}` })
      expect(server.take()).toBeUndefined()
    })
  },
)
