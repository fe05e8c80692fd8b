import { afterAll, beforeAll, expect, test } from 'vitest'
import { type EmbeddedEngine, openEmbeddedEngine } from '../src/index.ts'

let engine: EmbeddedEngine

beforeAll(async () => {
  engine = await openEmbeddedEngine({ location: { kind: 'memory' } })
})

afterAll(() => engine.close())

test('an answer has rows as pg reads them, the command tag and the count', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  expect(
    await connection.query("SELECT 1::int8 AS big, ARRAY['a', 'b'] AS texts, '{\"a\":1}'::jsonb AS document"),
  ).toEqual({ rows: [{ big: '1', texts: ['a', 'b'], document: { a: 1 } }], tag: 'SELECT', rowCount: 1 })
  expect(await connection.query('SELECT $1::int + 1 AS sum', [41])).toEqual({
    rows: [{ sum: 42 }],
    tag: 'SELECT',
    rowCount: 1,
  })
  await connection.close()
})

test('an error has the fields that a server sends', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  const failed = await connection.query("SELECT 'é', nope FROM pg_class").catch((error: unknown) => error)
  expect(failed).toMatchObject({ code: '42703', position: '13', message: 'column "nope" does not exist' })
  const inside = await connection
    .query('DO $$ BEGIN PERFORM 1 FROM missing; END $$')
    .catch((error: unknown) => error)
  expect(inside).toMatchObject({
    code: '42P01',
    internalPosition: '15',
    internalQuery: 'SELECT 1 FROM missing',
    where: 'PL/pgSQL function inline_code_block line 1 at PERFORM',
  })
  await connection.close()
})

test('a notice comes between the answer before and its own', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  const seen: string[] = []
  connection.onNotice((notice) => seen.push(`notice ${notice.message}`))
  const answers = ['one', 'two'].map((word) =>
    connection.query(`DO $$ BEGIN RAISE NOTICE '${word}'; END $$`).then(() => seen.push(`answer ${word}`)),
  )
  await Promise.all(answers)
  expect(seen).toEqual(['notice one', 'answer one', 'notice two', 'answer two'])
  await connection.close()
})

test('COPY takes its data, reports a bad row, and never waits for ever', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  await connection.query('CREATE TEMP TABLE numbers (n int)')
  const many = function* () {
    for (let start = 0; start < 200_000; start += 10_000) {
      yield Array.from({ length: 10_000 }, (_, index) => `${start + index}\n`).join('')
    }
  }
  expect(await connection.copyIn('COPY numbers FROM STDIN', many())).toEqual({
    rows: [],
    tag: 'COPY',
    rowCount: 200_000,
  })
  expect(
    await connection.copyIn('COPY numbers FROM STDIN', ['x\n']).catch((error: unknown) => error),
  ).toMatchObject({
    code: '22P02',
    where: 'COPY numbers, line 1, column n: "x"',
  })
  expect(
    await connection.copyIn('COPY nowhere FROM STDIN', ['1\n']).catch((error: unknown) => error),
  ).toMatchObject({ code: '42P01' })
  expect((await connection.query('SELECT count(*)::int AS n FROM numbers')).rows).toEqual([{ n: 200_000 }])
  await connection.close()
})

test('a client waits while another has a transaction open, and nothing of a session outlives it', async () => {
  const first = await engine.connect({ applicationName: 'first' })
  const second = await engine.connect({ applicationName: 'second' })
  const order: string[] = []
  await first.query('BEGIN')
  const waiting = second.query('SELECT 1').then(() => order.push('second'))
  await first.query('SELECT 1')
  order.push('first')
  await first.query('COMMIT')
  await waiting
  expect(order).toEqual(['first', 'second'])
  await first.query('SET search_path = pg_catalog')
  await first.query('SELECT pg_advisory_lock(7)')
  await first.query('BEGIN')
  await first.close()
  await second.close()
  const third = await engine.connect({ applicationName: 'third' })
  expect(
    (
      await third.query(
        "SELECT current_setting('search_path') AS path, (SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory') AS locks",
      )
    ).rows,
  ).toEqual([{ path: '"$user", public', locks: 0 }])
  await third.close()
})

test('extensions that PGlite ships are there when a statement creates them, others are named', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  await connection.query('CREATE EXTENSION "uuid-ossp"')
  await connection.query(
    "DO $$ BEGIN EXECUTE 'create extension if not exists ' || quote_ident('citext'); END $$",
  )
  await connection.query('/* a */ create /* b */ extension -- c\n if not exists EarthDistance cascade')
  expect(
    (await connection.query("SELECT 'A'::citext = 'a' AS same, length(uuid_generate_v4()::text)")).rows,
  ).toEqual([{ same: true, length: 36 }])
  const refused = await connection.query('CREATE EXTENSION pg_net').catch((error: unknown) => error)
  expect(refused).toMatchObject({
    code: '0A000',
    message: 'extension "pg_net" is not available',
    hint: expect.stringContaining('The embedded database has these extensions: amcheck, autoinc, bloom,'),
  })
  await connection.close()
})

test('RESET SESSION AUTHORIZATION returns to the user who connected', async () => {
  const connection = await engine.connect({ applicationName: 'test' })
  await connection.query('CREATE ROLE other')
  const who = async () => (await connection.query('SELECT session_user::text AS name')).rows[0]?.['name']
  await connection.query('SET SESSION AUTHORIZATION other')
  expect(await who()).toBe('other')
  await connection.query('RESET SESSION AUTHORIZATION')
  expect(await who()).toBe('postgres')
  await connection.query('SET SESSION AUTHORIZATION other')
  await connection.close()
  const next = await engine.connect({ applicationName: 'test' })
  expect((await next.query('SELECT session_user::text AS name')).rows).toEqual([{ name: 'postgres' }])
  await next.close()
})
