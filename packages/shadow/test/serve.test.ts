import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { WIRE, writeMessage } from '@tidemark/pg-driver/engine'
import { findFreePort } from '@tidemark/test-servers'
import { Client, type ClientConfig, Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openShadow, type ServedShadow, type Shadow, serveShadow } from '../src/index.ts'
import { pglite, useServer } from './support/engines.ts'
import { tables } from './support/migrations.ts'

/** Connects, asks, and leaves. */
async function ask(url: string, sql: string, config: ClientConfig = {}): Promise<readonly unknown[]> {
  const client = new Client({ connectionString: url, ...config })
  await client.connect()
  try {
    return (await client.query(sql)).rows
  } finally {
    await client.end()
  }
}

describe.each([pglite, useServer()])('a shadow on $name', (engine) => {
  let shadow: Shadow
  let served: ServedShadow
  beforeAll(async () => {
    shadow = await engine.open(tables(3))
    served = await serveShadow(shadow)
  })
  afterAll(async () => {
    await served.close()
    await shadow.close()
  })

  test('is what a client sees, one after another', async () => {
    for (let round = 0; round < 3; round += 1)
      expect(
        await ask(served.url, "SELECT count(*)::int AS n FROM pg_tables WHERE tablename ~ '^t0'"),
      ).toEqual([{ n: 3 }])
    expect(await ask(served.url, 'SELECT current_user AS u, current_database() AS d')).toEqual([
      { u: served.user, d: served.database },
    ])
  })

  test('nothing of a client reaches the next one', async () => {
    await ask(
      served.url,
      "SET search_path = pg_catalog; CREATE TEMPORARY TABLE mine (id int); SET work_mem = '1MB'",
    )
    expect(
      await ask(
        served.url,
        "SELECT to_regclass('pg_temp.mine') AS t, current_setting('work_mem') = '1MB' AS kept",
      ),
    ).toEqual([{ t: null, kept: false }])
  })

  test('a pool has as many connections as it likes, also with transactions', async () => {
    const pool = new Pool({ connectionString: served.url, max: 8 })
    await pool.query('CREATE TABLE counted (n int); INSERT INTO counted VALUES (0)')
    const add = async () => {
      const client = await pool.connect()
      await client.query('BEGIN')
      await client.query('UPDATE counted SET n = n + 1')
      await client.query('COMMIT')
      client.release()
    }
    await Promise.all(Array.from({ length: 40 }, add))
    expect((await pool.query('SELECT n FROM counted')).rows).toEqual([{ n: 40 }])
    await pool.query('DROP TABLE counted')
    await pool.end()
  })

  test('two clients use the same names for other statements', async () => {
    const [a, b] = [new Client(served.url), new Client(served.url)]
    await Promise.all([a.connect(), b.connect()])
    const long = 'x'.repeat(62)
    for (const name of ['S_1', long]) {
      const run = (client: Client, text: string) => client.query({ name, text, values: ['1'] })
      expect((await run(a, 'SELECT $1::int AS a')).rows).toEqual([{ a: 1 }])
      expect((await run(b, 'SELECT $1::text AS b')).rows).toEqual([{ b: '1' }])
      expect((await run(a, 'SELECT $1::int AS a')).rows).toEqual([{ a: 1 }])
    }
    await Promise.all([a.end(), b.end()])
  })

  test('a client brings its settings', async () => {
    const options = '-c search_path=pg_catalog --DateStyle=German'
    expect(
      await ask(served.url, "SELECT current_setting('search_path') AS s, DATE '2020-02-01'::text AS d", {
        options,
      }),
    ).toEqual([{ s: 'pg_catalog', d: '01.02.2020' }])
    await expect(ask(served.url, 'SELECT 1', { options: '-c missing=1' })).rejects.toThrow(
      'unrecognized configuration parameter "missing"',
    )
  })

  test('only who has the password comes in', async () => {
    const wrong = new URL(served.url)
    wrong.password = 'wrong'
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
    wrong.password = `${served.password}x`
    await expect(ask(wrong.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' })
  })

  test('an error of a statement is that of the server, and the session goes on', async () => {
    const client = new Client(served.url)
    await client.connect()
    await expect(client.query('SELECT * FROM missing')).rejects.toMatchObject({
      code: '42P01',
      position: '15',
    })
    expect((await client.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
    await client.end()
  })

  test.each([
    ['nothing', Buffer.alloc(0)],
    ['a request of HTTP', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a length that is too large', Buffer.from([0x7f, 0xff, 0xff, 0xff, 0, 3, 0, 0])],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff])],
    ['an old protocol', Buffer.from([0, 0, 0, 8, 0, 2, 0, 0])],
    ['half a packet', Buffer.from([0, 0, 0, 20, 0, 3])],
    ['no password', startup(3, 0)],
    [
      'a cancel request with a key of nobody',
      Buffer.from([0, 0, 0, 16, 4, 0xd2, 0x16, 0x2e, 0, 0, 0, 1, 0, 0, 0, 2]),
    ],
  ])('who sends %s is let go, and the others go on', async (_, bytes) => {
    const socket = connect(served.port, served.host)
    socket.on('error', () => {}).resume()
    socket.end(bytes)
    await once(socket, 'close')
    expect(await ask(served.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('who signed in and sends what is no message is let go', async () => {
    const socket = await signIn(served)
    socket.write(Buffer.from([0x51, 0xff, 0xff, 0xff, 0xff]))
    socket.on('error', () => {}).resume()
    await once(socket, 'close')
    expect(await ask(served.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }])
  })

  test('a client of a later protocol is answered in this one', async () => {
    const socket = connect(served.port, served.host)
    socket.write(startup(3, 2))
    const [answer] = await once(socket, 'data')
    expect(String.fromCharCode(answer[0])).toBe('v')
    socket.destroy()
  })
})

function startup(major: number, minor: number): Buffer {
  const words = Buffer.from('user\0ada\0database\0x\0\0')
  const head = Buffer.alloc(8)
  head.writeInt32BE(words.length + 8, 0)
  head.writeUInt16BE(major, 4)
  head.writeUInt16BE(minor, 6)
  return Buffer.concat([head, words])
}

async function signIn({ port, host, password }: ServedShadow): Promise<Socket> {
  const socket = connect(port, host)
  socket.write(startup(3, 0))
  await once(socket, 'data')
  socket.write(writeMessage(WIRE.password, `${password}\0`))
  await once(socket, 'data')
  return socket
}

describe('a shadow on a server', () => {
  const engine = useServer()

  test('a statement is cancelled as on any server', async () => {
    const shadow = await engine.open()
    const served = await serveShadow(shadow)
    const client = new Client(served.url)
    await client.connect()
    const sleeping = client.query('SELECT pg_sleep(1e9)')
    const key = Buffer.alloc(16)
    key.writeInt32BE(16, 0)
    key.writeInt32BE(80_877_102, 4)
    const { processID, secretKey } = Object.assign({ processID: 0, secretKey: 0 }, client)
    key.writeInt32BE(processID, 8)
    key.writeInt32BE(secretKey, 12)
    connect(served.port, served.host).end(key)
    await expect(sleeping).rejects.toMatchObject({ code: '57014' })
    await client.end()
    await served.close()
    await shadow.close()
  })
})

test('the port is that which was asked for, and a taken one is refused', async () => {
  const shadow = await openShadow()
  const port = await findFreePort()
  const served = await serveShadow(shadow, { port })
  expect(served.url).toBe(`postgres://postgres:${served.password}@127.0.0.1:${port}/postgres`)
  await expect(serveShadow(shadow, { port })).rejects.toMatchObject({
    code: 'TM7012',
    message: `the shadow cannot listen on 127.0.0.1:${port} (EADDRINUSE)`,
  })
  const other = await serveShadow(shadow)
  expect(other.port).not.toBe(port)
  expect(other.password).not.toBe(served.password)
  await other.close()
  await served.close()
  await expect(ask(served.url, 'SELECT 1')).rejects.toMatchObject({ code: 'ECONNREFUSED' })
  await shadow.close()
})

test('a client that leaves while its statement runs ends PGlite, and the next one has another shadow', async () => {
  let shadow = await openShadow({ migrations: tables(1) })
  let opened = 0
  const served = await serveShadow(shadow, {
    current: async () => {
      try {
        await (await shadow.connect()).close()
      } catch {
        opened += 1
        shadow = await openShadow({ migrations: tables(1) })
      }
      return shadow
    },
  })
  const other = new Client(served.url)
  const ended = once(other, 'error')
  other.on('error', () => {})
  await other.connect()
  const leaving = await signIn(served)
  leaving.resume().end(writeMessage(WIRE.query, 'SELECT pg_sleep(1e9)\0'))
  expect(await ended).toMatchObject([{ code: '57P01', message: 'the session of the shadow has ended' }])
  expect(await ask(served.url, "SELECT to_regclass('t0001')::text AS t")).toEqual([{ t: 't0001' }])
  expect(opened).toBe(1)
  await served.close()
  await shadow.close()
})
