import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { connect, createServer, type Socket } from 'node:net'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { TidemarkError, withTimeout } from '@tidemark/core'
import {
  createTestDatabase,
  findFreePort,
  startServer,
  startStandby,
  type TestDatabase,
} from '@tidemark/test-servers'
import pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { explainConnectFailure } from '../../src/connection/explain-connect-failure.ts'
import { createServerDatabase, parseDatabaseUrl } from '../../src/index.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase()
})
afterAll(() => database.drop())

/** Changes parts of the test database's URL. */
function urlWith(
  parts: Partial<Pick<URL, 'hostname' | 'port' | 'username' | 'password' | 'pathname'>>,
): string {
  return Object.assign(new URL(database.url), parts).href
}

async function failureOf(url: string, connectTimeout = '10s'): Promise<TidemarkError> {
  const error: unknown = await createServerDatabase({ database: url, connectTimeout })
    .openReader()
    .then(
      () => undefined,
      (thrown) => thrown,
    )
  if (!(error instanceof TidemarkError)) throw error
  expect(error.help).not.toContain('\n')
  return error
}

const brief = ({ code, message, help, details }: TidemarkError) => ({
  code,
  message,
  help,
  why: details['sqlState'] ?? details['reason'],
})

/** A session that was refused holds its place a moment longer than its client. */
async function connectSoon(url: string): Promise<pg.Client> {
  for (;;) {
    const client = new pg.Client(url)
    try {
      await client.connect()
      return client
    } catch {
      await setTimeout(20)
    }
  }
}

describe('a connection that fails says why and what to do', () => {
  test('refused', async () => {
    const port = String(await findFreePort())
    expect(brief(await failureOf(urlWith({ port })))).toEqual({
      code: 'TM5001',
      message: `cannot connect to postgres@127.0.0.1:${port}/${database.name}: connect ECONNREFUSED 127.0.0.1:${port}`,
      help: 'no server is listening there: check that it is running, and the port',
      why: 'ECONNREFUSED',
    })
  })

  test('a host name that does not exist', async () => {
    const { code, message, help } = await failureOf(urlWith({ hostname: 'no-such-host.invalid' }))
    expect({ code, message, help }).toEqual({
      code: 'TM5001',
      message: expect.stringMatching(
        /^cannot connect to postgres@no-such-host\.invalid:\d+\/test_\w+: getaddrinfo E\w+ no-such-host\.invalid$/,
      ),
      help: expect.stringMatching(
        /^the host name (does not exist: check its spelling|could not be looked up: is there a network\?)$/,
      ),
    })
  })

  test('a socket that is not there', async () => {
    const url = 'postgres://postgres@%2Fno%2Fsuch%2Ffolder/shop'
    expect(brief(await failureOf(url))).toEqual({
      code: 'TM5001',
      message:
        'cannot connect to postgres@/no/such/folder:5432/shop: connect ENOENT /no/such/folder/.s.PGSQL.5432',
      help: 'there is no such socket: check that the server runs on this machine, and the folder',
      why: 'ENOENT',
    })
  })

  test.each(['ENETUNREACH', 'EHOSTUNREACH', 'ENOTFOUND', 'EADDRNOTAVAIL'])(
    'the IPv6-only host of Supabase, seen as %s',
    (code) => {
      const url = 'postgres://postgres:x@db.abcdefghijklmnopqrst.supabase.co:5432/postgres'
      const refused = Object.assign(new Error(`connect ${code}`), { code })
      for (const error of [refused, new AggregateError([refused])]) {
        expect(explainConnectFailure(error, url, 10_000)).toMatchObject({
          code: 'TM5001',
          help: 'this Supabase host has only an IPv6 address, and this network has no IPv6: use the session pooler, postgres://postgres.abcdefghijklmnopqrst:…@aws-0-REGION.pooler.supabase.com:5432/postgres (copy it from "Connect" in the dashboard)',
        })
      }
    },
  )

  test('a host that takes the connection and says nothing', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const address = silent.address()
    const port = String(typeof address === 'object' ? address?.port : '')
    try {
      expect(brief(await failureOf(urlWith({ port }), '300ms'))).toEqual({
        code: 'TM5001',
        message: `cannot connect to postgres@127.0.0.1:${port}/${database.name}: no answer within 300ms`,
        help: 'the host does not answer: check the firewall and the host, or raise connectTimeout',
        why: null,
      })
    } finally {
      silent.close()
    }
  })

  test('something that is no PostgreSQL', async () => {
    const other = createServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n'))
    other.listen(0, '127.0.0.1')
    await once(other, 'listening')
    const address = other.address()
    const port = String(typeof address === 'object' ? address?.port : '')
    try {
      expect(await failureOf(urlWith({ port }), '5s')).toMatchObject({ code: 'TM5001' })
    } finally {
      other.close()
    }
  })

  test('a wrong password', async () => {
    expect(brief(await failureOf(urlWith({ password: 'wrong' })))).toEqual({
      code: 'TM5001',
      message: `cannot connect to postgres@127.0.0.1:${new URL(database.url).port}/${database.name}: password authentication failed for user "postgres"`,
      help: 'the password is wrong; @ : / ? # % in it must be percent-encoded in the URL ("%" is "%25")',
      why: '28P01',
    })
  })

  test('a database that does not exist', async () => {
    expect(brief(await failureOf(urlWith({ pathname: '/nowhere' })))).toMatchObject({
      help: 'the database does not exist: create it, or run "tidemark up --create-db"',
      why: '3D000',
    })
  })

  test('too many connections: of the server, and of a role', async () => {
    const server = await startServer({
      settings: { max_connections: '4', superuser_reserved_connections: '1', autovacuum: 'off' },
    })
    const held: pg.Client[] = []
    try {
      const admin = new pg.Client(server.url())
      held.push(admin)
      await admin.connect()
      await admin.query(
        "CREATE ROLE app LOGIN PASSWORD 'secret'; CREATE ROLE one LOGIN PASSWORD 'secret' CONNECTION LIMIT 1",
      )
      const as = (role: string) =>
        Object.assign(new URL(server.url()), { username: role, password: 'secret' }).href
      const one = new pg.Client(as('one'))
      held.push(one)
      await one.connect()
      expect(brief(await failureOf(as('one')))).toMatchObject({
        help: 'the limit of this role or database is reached: close some, or ALTER ROLE/DATABASE … CONNECTION LIMIT',
        why: '53300',
      })
      held.push(await connectSoon(as('app')))
      expect(brief(await failureOf(as('app')))).toMatchObject({
        help: 'the server has no free connection: close some, wait, or raise max_connections (or the limit of the role or database)',
        why: '53300',
      })
    } finally {
      await Promise.all(held.map((client) => client.end()))
      await server.remove()
    }
  })
})

describe('a server that is starting up', () => {
  test('is asked again within connectTimeout, and no longer', async () => {
    const primary = await startServer()
    // A standby that takes no connections answers 57P03 for as long as one likes: until it is promoted.
    const starting = await startStandby(primary, { hot_standby: 'off' })
    try {
      expect(brief(await failureOf(starting.url(), '3s'))).toMatchObject({
        code: 'TM5001',
        help: 'the server was still starting up or shutting down after connectTimeout: check its log',
        why: '57P03',
      })
      const opening = createServerDatabase({ database: starting.url(), connectTimeout: '60s' }).openReader()
      await setTimeout(300)
      writeFileSync(join(starting.dataDirectory, 'promote'), '')
      starting.signal('SIGUSR1')
      const session = await opening
      expect(session.target.user).toBe('postgres')
      await session.close()
    } finally {
      await starting.remove()
      await primary.remove()
    }
  })
})

test('a connection whose other end never closes is dropped some time after the goodbye', async () => {
  const { hostname, port } = new URL(database.url)
  const sockets: Socket[] = []
  const proxy = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ host: hostname, port: Number(port) })
    sockets.push(client, server)
    client.on('data', (data) => data[0] !== GOODBYE && server.write(data))
    server.pipe(client, { end: false })
    for (const socket of [client, server]) socket.on('error', () => undefined)
  })
  try {
    const through = new URL(database.url)
    proxy.listen(0, '127.0.0.1')
    await once(proxy, 'listening')
    const address = proxy.address()
    through.port = String(typeof address === 'object' ? address?.port : 0)
    const session = await createServerDatabase({ database: through.href }).openReader()
    expect(
      await withTimeout(
        session.close().then(() => 'closed'),
        { limitMs: 120_000, onTimeout: () => undefined },
      ),
    ).toBe('closed')
  } finally {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
})

/** A message of the client that ends the session. */
const GOODBYE = 'X'.charCodeAt(0)

describe('a URL that cannot be read', () => {
  test.each([
    ['a raw slash in the password', 'postgres://ada:pa/ss@db/shop'],
    ['a raw slash behind digits, which look like a port', 'postgres://ada:12/34@db/shop'],
    ['a raw question mark', 'postgres://ada:12?34@db/shop'],
    ['a raw hash', 'postgres://ada:12#34@db/shop'],
    ['a raw percent sign', 'postgres://ada:50%off@db/shop'],
    ['another scheme', 'mysql://ada:secret@db/shop'],
    ['no scheme', 'db/shop'],
    ['two hosts', 'postgres://ada:secret@a:5432,b:5432/shop'],
    ['a port that is none', 'postgres://ada:secret@db/shop?port=x'],
  ])('%s is TM7050, and nothing of it is repeated', (_, url) => {
    const attempt = () => createServerDatabase({ database: url })
    expect(attempt).toThrow(expect.objectContaining({ code: 'TM7050' }))
    try {
      attempt()
    } catch (error) {
      const said = error instanceof TidemarkError ? `${error.message} ${error.help} ${error.stack}` : ''
      for (const part of ['pa/ss', '34@', 'off@', 'secret@']) expect(said).not.toContain(part)
    }
  })

  test('parts come from the authority, then the query, then PG* variables', () => {
    const environment = { PGHOST: 'pg', PGPORT: '6000', PGUSER: 'grace', PGDATABASE: 'navy' }
    expect(parseDatabaseUrl('postgres://ada@db:5433/shop', environment)).toEqual({
      host: 'db',
      port: 5433,
      user: 'ada',
      database: 'shop',
    })
    expect(parseDatabaseUrl('postgres:///?host=/run/pg&port=7&user=a%40b&dbname=x%20y', environment)).toEqual(
      { host: '/run/pg', port: 7, user: 'a@b', database: 'x y' },
    )
    expect(parseDatabaseUrl('postgres://', environment)).toEqual({
      host: 'pg',
      port: 6000,
      user: 'grace',
      database: 'navy',
    })
    expect(parseDatabaseUrl('postgresql://ada@[::1]/', {})).toEqual({
      host: '::1',
      port: 5432,
      user: 'ada',
      database: 'ada',
    })
  })
})
