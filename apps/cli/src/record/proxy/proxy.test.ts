import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import {
  type Connection,
  connectToServer,
  createMessageFramer,
  type WireMessage,
} from '@tidemark/pg-driver/engine'
import { openShadow, type Shadow } from '@tidemark/shadow'
import { createTestDatabase } from '@tidemark/test-servers'
import { describe, expect, onTestFinished, test } from 'vitest'
import { writeNumbers, writeValue } from './prepared-messages.ts'
import { type RecordingProxy, startProxy } from './start-proxy.ts'
import { FieldReader, int16, writeFields } from './wire-fields.ts'

async function openProxy(engine: 'embedded' | 'server'): Promise<RecordingProxy> {
  return (await openBoth(engine)).proxy
}

async function openBoth(
  engine: 'embedded' | 'server',
): Promise<{ readonly proxy: RecordingProxy; readonly shadow: Shadow; readonly waits: readonly string[] }> {
  const server = engine === 'server' ? await createTestDatabase() : undefined
  const shadow = await openShadow(
    server === undefined ? {} : { server: { url: server.url, disposable: true } },
  )
  const waits: string[] = []
  const proxy = await startProxy(shadow, {
    refuse: (sql) => (sql.startsWith('CREATE DATABASE') ? "it isn't for this" : undefined),
    onWaiting: () => waits.push('waits'),
  })
  onTestFinished(async () => {
    await proxy.close()
    await shadow.close()
    await server?.drop()
  })
  return { proxy, shadow, waits }
}

async function join({ port, password }: RecordingProxy): Promise<Connection> {
  return connectToServer({
    url: `postgres://me:${password}@127.0.0.1:${port}/any?sslmode=disable`,
    applicationName: 'test',
    timeoutMs: 10_000,
  })
}

const textsOf = ({ tape }: RecordingProxy): readonly string[] =>
  [...tape.statements].sort((a, b) => a.order - b.order).map(({ text }) => text)

describe.each(['embedded', 'server'] as const)('%s', (engine) => {
  test('what was committed is recorded, with its parameters; what was rolled back or failed is not', async () => {
    const proxy = await openProxy(engine)
    const one = await join(proxy)
    await one.query('CREATE TABLE t (a int, b text)')
    await one.query('INSERT INTO t VALUES ($1, $2)', [5, "it's"])
    await one.query('BEGIN')
    await one.query('INSERT INTO t VALUES (6)')
    await one.query('SAVEPOINT s')
    await one.query('INSERT INTO t VALUES (7)')
    await one.query('ROLLBACK TO SAVEPOINT s')
    await one.query('COMMIT')
    await one.query('BEGIN')
    await one.query('INSERT INTO t VALUES (8)')
    await expect(one.query('INSERT INTO nothing VALUES (9)')).rejects.toThrow('"nothing" does not exist')
    await one.query('ROLLBACK')
    await one.query('INSERT INTO t VALUES (10); INSERT INTO t VALUES (11)')
    await expect(one.query('INSERT INTO t VALUES (12); SELECT 1/0')).rejects.toThrow('division by zero')
    await one.close()
    await proxy.settle()
    expect(textsOf(proxy)).toEqual([
      'CREATE TABLE t (a int, b text)',
      "INSERT INTO t VALUES ('5'::integer, 'it''s'::text)",
      'INSERT INTO t VALUES (6)',
      'INSERT INTO t VALUES (10)',
      'INSERT INTO t VALUES (11)',
    ])
    expect(proxy.tape.statements.map(({ within }) => within)).toEqual([
      'alone',
      'alone',
      'block',
      'message',
      'message',
    ])
  })

  test('a pipeline with binary parameters, a named statement and an error is recorded as it ran', async () => {
    const proxy = await openProxy(engine)
    const raw = await joinRaw(proxy)
    await raw.ask(writeFields('Q', 'CREATE TABLE t (a int, b bytea)'))
    const number = Buffer.from([0, 0, 1, 2])
    const letters = await raw.ask(
      Buffer.concat([
        writeFields('P', 'add', 'INSERT INTO t VALUES ($1, $2)', int16(0)),
        bind('add', [1, 1], [number, Buffer.from([0xde, 0])]),
        writeFields('E', '', 0),
        bind('add', [0, 0], [Buffer.from('7'), null]),
        writeFields('E', '', 0),
        writeFields('S'),
      ]),
    )
    expect(letters).toBe('12C2CZ')
    const failed = await raw.ask(
      Buffer.concat([
        bind('add', [0, 0], [Buffer.from('8'), null]),
        writeFields('E', '', 0),
        bind('add', [0, 0], [Buffer.from('x'), null]),
        writeFields('E', '', 0),
        writeFields('S'),
      ]),
    )
    expect(failed).toBe('2CEZ')
    const refused = [
      writeFields('P', '', 'CREATE DATABASE a', int16(0)),
      bind('', [], []),
      writeFields('E', '', 0),
    ]
    expect(await raw.ask(Buffer.concat([...refused, writeFields('S')]))).toBe('12EZ')
    expect(await raw.ask(writeFields('Q', 'CREATE DATABASE a'))).toBe('EZ')
    raw.leave()
    await proxy.settle()
    expect(textsOf(proxy)).toEqual([
      'CREATE TABLE t (a int, b bytea)',
      `INSERT INTO t VALUES ('258'::integer, E'\\\\xde00'::bytea)`,
      "INSERT INTO t VALUES ('7'::integer, NULL::bytea)",
    ])
  })

  test('a client is let in before it is shown what its settings change', async () => {
    const proxy = await openProxy(engine)
    const { greeted, leave } = await joinRaw(proxy, { application_name: 'psql' })
    const letters = greeted.map(({ type }) => String.fromCharCode(type)).join('')
    expect(letters).toMatch(/^RS+KZ$/)
    const names = greeted.filter(({ bytes }) => Buffer.from(bytes).includes('application_name'))
    expect(Buffer.from(names.at(-1)?.bytes ?? []).toString()).toContain('\0psql\0')
    leave()
  })

  test('COPY is recorded with its data', async () => {
    const proxy = await openProxy(engine)
    const raw = await joinRaw(proxy)
    await raw.ask(writeFields('Q', 'CREATE TABLE t (a int)'))
    expect(await raw.ask(writeFields('Q', 'COPY t FROM STDIN'), 'G')).toBe('G')
    // As psql does, with the line that ends it.
    const data = writeFields('d', Buffer.from('1\n2\n\\.\n'))
    expect(await raw.ask(Buffer.concat([data, writeFields('c')]))).toBe('CZ')
    raw.leave()
    await proxy.settle()
    expect(proxy.tape.statements.at(-1)).toMatchObject({
      text: 'COPY t FROM STDIN',
      tag: 'COPY 2',
      data: '1\n2\n',
    })
  })

  test('connections have statements of their own names, and settings that they ask for', async () => {
    const proxy = await openProxy(engine)
    const [one, two] = [await joinRaw(proxy), await joinRaw(proxy, { search_path: 'app' })]
    for (const [raw, text] of [
      [one, 'CREATE SCHEMA app'],
      [two, 'CREATE TABLE t (a int)'],
    ] as const) {
      const parsed = Buffer.concat([writeFields('P', 'same', text, int16(0)), bind('same', [], [])])
      expect(await raw.ask(Buffer.concat([parsed, writeFields('E', '', 0), writeFields('S')]))).toBe('12CZ')
    }
    for (const raw of [one, two]) raw.leave()
    await proxy.settle()
    expect(proxy.tape.statements.map(({ text, settings }) => [text, settings.get('search_path')])).toEqual([
      ['CREATE SCHEMA app', undefined],
      ['CREATE TABLE t (a int)', 'app'],
    ])
  })
})

test('a connection that waits for the transaction of another one is noted; then it goes on', async () => {
  const { proxy, waits } = await openBoth('embedded')
  const [one, two] = [await join(proxy), await join(proxy)]
  await one.query('BEGIN')
  const waiting = two.query('SELECT 1 AS a')
  while (waits.length === 0) await setTimeout(50)
  await one.query('COMMIT')
  expect((await waiting).rows).toEqual([{ a: 1 }])
  for (const connection of [one, two]) await connection.close()
  await proxy.settle()
})

test('a connection that begins while another one has a transaction is noted, too', async () => {
  const { proxy, waits } = await openBoth('embedded')
  const one = await join(proxy)
  await one.query('BEGIN')
  const waiting = join(proxy).then(async (two) => {
    await two.query('SELECT 1 AS a')
    await two.close()
  })
  while (waits.length === 0) await setTimeout(50)
  await one.query('COMMIT')
  await waiting
  await one.close()
  await proxy.settle()
})

test('a wrong password is refused, and is no connection', async () => {
  const proxy = await openProxy('embedded')
  await expect(join({ ...proxy, port: proxy.port, password: 'wrong' })).rejects.toThrow(
    'password authentication failed for user "me"',
  )
  expect(proxy.connections).toBe(0)
})

test('a cancel request ends the statement of its session on a server', async () => {
  const { proxy, shadow } = await openBoth('server')
  const raw = await joinRaw(proxy)
  const answer = raw.ask(writeFields('Q', 'SELECT pg_sleep(600)'))
  await waitUntilActive(shadow, 'SELECT pg_sleep(600)')
  const socket = connect(proxy.port, '127.0.0.1')
  const request = Buffer.alloc(16)
  request.writeInt32BE(16, 0)
  request.writeInt32BE(80_877_102, 4)
  raw.key.copy(request, 8)
  socket.end(request)
  expect(await answer).toBe('TEZ')
  raw.leave()
  await proxy.settle()
})

async function waitUntilActive(shadow: Shadow, query: string): Promise<void> {
  const connection = await shadow.connect()
  const isActive =
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query = $1 AND state = 'active'"
  while ((await connection.query(isActive, [query])).rows.length === 0);
  await connection.close()
}

interface RawClient {
  /** Process id and secret. */
  readonly key: Buffer
  /** The answers to the password. */
  readonly greeted: readonly WireMessage[]
  /** Sends bytes and gives the letters of the answers, up to one. */
  ask(bytes: Buffer, until?: string): Promise<string>
  leave(): void
}

/** A client that says of itself what it sends, after it has asked for TLS. */
async function joinRaw(
  { port, password }: RecordingProxy,
  parameters: Readonly<Record<string, string>> = {},
): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]))
  const [no]: Buffer[] = await once(socket, 'data')
  expect(String(no)).toBe('N')
  const answers = listen(socket)
  const entries = Object.entries({ user: 'me', ...parameters }).flat()
  const body = Buffer.concat([
    Buffer.from([0, 3, 0, 0]),
    ...entries.map((text) => Buffer.from(`${text}\0`)),
    Buffer.from([0]),
  ])
  const length = Buffer.alloc(4)
  length.writeInt32BE(body.length + 4)
  socket.write(Buffer.concat([length, body]))
  await answers.until('R')
  socket.write(writeFields('p', password))
  const greeted = await answers.until('Z')
  const key = greeted.find(({ type }) => type === 'K'.charCodeAt(0))
  return {
    greeted: answers.reported.slice(1),
    key: key === undefined ? Buffer.alloc(8) : new FieldReader(key).rest(),
    async ask(bytes, until = 'Z') {
      socket.write(bytes)
      return (await answers.until(until)).map(({ type }) => String.fromCharCode(type)).join('')
    },
    leave: () => void socket.end(writeFields('X')),
  }
}

function listen(socket: Socket) {
  const frame = createMessageFramer('backend')
  let seen: ReturnType<typeof frame> = []
  const reported: ReturnType<typeof frame> = []
  let wake = (): void => {}
  socket.on('data', (chunk: Buffer) => {
    const messages = frame(chunk)
    reported.push(...messages)
    seen.push(...messages.filter(({ type }) => !'NS'.includes(String.fromCharCode(type))))
    wake()
  })
  return {
    /** All of them, with what nobody asked for. */
    reported,
    async until(letter: string) {
      while (!seen.some(({ type }) => type === letter.charCodeAt(0))) {
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      }
      const found = seen
      seen = []
      return found
    },
  }
}

function bind(statement: string, formats: readonly number[], values: readonly (Buffer | null)[]): Buffer {
  return writeFields(
    'B',
    '',
    statement,
    writeNumbers(formats),
    int16(values.length),
    ...values.map(writeValue),
    int16(0),
  )
}
