import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { openEmbeddedEngine } from '../src/index.ts'
import { type Bundle, bundleEmbedded } from './support/bundle.ts'
import { runChild } from './support/child.ts'

let bundle: Bundle
let folder: string
const directory = () => join(folder, 'with a space', 'db')

beforeAll(async () => {
  bundle = await bundleEmbedded()
})
afterAll(() => bundle.remove())
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-embedded-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const open = () => openEmbeddedEngine({ location: { kind: 'directory', path: directory() } })

test('a process that has closed its connections ends by itself', async () => {
  for (const location of ['memory', directory()]) {
    const child = runChild(
      bundle.module,
      location,
      `const engine = await openEmbeddedEngine({ location })
       const connection = await engine.connect({ applicationName: 'child' })
       console.log((await connection.query('SELECT 41 + 1 AS n')).rows[0].n)
       await connection.close()`,
    )
    expect(await child.nextLine()).toBe('42')
    expect(await child.ended).toEqual({ code: 0, errors: '' })
  }
})

test('a second process is refused with the pid of the first, and a killed one leaves no lock', async () => {
  const holder = runChild(bundle.module, directory(), HOLD)
  expect(await holder.nextLine()).toBe('open')
  const engine = await open()
  await expect(engine.connect({ applicationName: 'test' })).rejects.toMatchObject({
    code: 'TM5030',
    message: expect.stringContaining(`is in use by process ${holder.pid} since `),
    details: { pid: holder.pid, directory: directory(), lockFile: join(directory(), 'tidemark.lock') },
  })
  holder.kill()
  await holder.ended
  const connection = await engine.connect({ applicationName: 'test' })
  expect(JSON.parse(await readFile(join(directory(), 'tidemark.lock'), 'utf8'))).toMatchObject({
    pid: process.pid,
  })
  await connection.close()
  await expect(readFile(join(directory(), 'tidemark.lock'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('of many processes that open one directory at once, one has it and the others are refused', async () => {
  const stale = runChild(bundle.module, directory(), HOLD)
  await stale.nextLine()
  stale.kill()
  await stale.ended
  const children = Array.from({ length: 4 }, () => runChild(bundle.module, directory(), HOLD))
  const said = await Promise.all(children.map((child) => child.nextLine()))
  for (const child of children) child.kill()
  await Promise.all(children.map((child) => child.ended))
  expect(said.toSorted()).toEqual(['TM5030', 'TM5030', 'TM5030', 'open'])
})

test('what was committed survives kill -9 while writing, and what was not is gone', async () => {
  let acknowledged = 0
  for (let round = 0; round < 3; round += 1) {
    const writer = runChild(bundle.module, directory(), WRITE)
    const goal = acknowledged + 15
    for (let line = await writer.nextLine(); line !== undefined; line = await writer.nextLine()) {
      acknowledged = Number(line)
      if (acknowledged >= goal) break
    }
    writer.kill()
    await writer.ended
  }
  const connection = await (await open()).connect({ applicationName: 'test' })
  const { rows } = await connection.query(
    'SELECT count(DISTINCT batch)::int AS batches, count(*)::int AS rows, max(batch) AS last FROM written',
  )
  const [found] = rows
  expect(found).toEqual({
    batches: found?.['last'],
    rows: Number(found?.['last']) * 100,
    last: found?.['last'],
  })
  expect(Number(found?.['last'])).toBeGreaterThanOrEqual(acknowledged)
  expect((await connection.query('SELECT count(*)::int AS n FROM written WHERE batch > 0')).rows).toEqual([
    { n: found?.['rows'] },
  ])
  await connection.close()
})

test('a statement runs beside the main thread, and statement_timeout ends it', async () => {
  const engine = await open()
  const connection = await engine.connect({ applicationName: 'test' })
  await connection.query('CREATE TABLE kept (n int)')
  await connection.query('BEGIN')
  await connection.query('INSERT INTO kept VALUES (1)')
  await connection.query("SET statement_timeout = '300ms'")
  let turns = 0
  const ticker = setInterval(() => {
    turns += 1
  }, 10)
  const failure = await connection
    .query('SELECT count(*) FROM generate_series(1, 100000000000) AS n')
    .catch((error: unknown) => error)
  clearInterval(ticker)
  expect(failure).toMatchObject({ code: '57014', message: 'canceling statement due to statement timeout' })
  expect(turns).toBeGreaterThan(0)
  expect(await connection.closed).toEqual(new Error('the embedded database was ended'))
  const again = await engine.connect({ applicationName: 'test' })
  expect((await again.query('SELECT count(*)::int AS n FROM kept')).rows).toEqual([{ n: 0 }])
  await again.close()
})

test('destroying a connection ends the statement it runs and frees the directory', async () => {
  const engine = await open()
  const connection = await engine.connect({ applicationName: 'test' })
  const running = connection.query('SELECT count(*) FROM generate_series(1, 100000000000) AS n')
  const failed = expect(running).rejects.toThrow('Connection terminated unexpectedly')
  await new Promise((resolve) => setTimeout(resolve, 50))
  connection.destroy()
  await failed
  await connection.closed
  const again = await engine.connect({ applicationName: 'test' })
  expect((await again.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await again.close()
})

test('an extension is there again when a directory is opened again', async () => {
  const engine = await open()
  const first = await engine.connect({ applicationName: 'test' })
  await first.query('CREATE EXTENSION citext')
  await first.query('CREATE TABLE names (name citext PRIMARY KEY)')
  await first.close()
  const second = await engine.connect({ applicationName: 'test' })
  await second.query("INSERT INTO names VALUES ('Ada')")
  expect((await second.query("SELECT name FROM names WHERE name = 'ADA'")).rows).toEqual([{ name: 'Ada' }])
  await second.close()
})

test('an interrupted layout is laid out again, and a directory of something else is left alone', async () => {
  await mkdir(join(directory(), 'base'), { recursive: true })
  await writeFile(join(directory(), 'tidemark.layout'), '')
  await writeFile(join(directory(), 'postgresql.conf'), 'half of i')
  const connection = await (await open()).connect({ applicationName: 'test' })
  expect((await connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await connection.close()

  const foreign = join(folder, 'foreign')
  await mkdir(foreign)
  await writeFile(join(foreign, 'thesis.txt'), 'precious')
  const engine = await openEmbeddedEngine({ location: { kind: 'directory', path: foreign } })
  await expect(engine.connect({ applicationName: 'test' })).rejects.toMatchObject({
    code: 'TM5031',
    message: `"${foreign}" is neither empty nor a data directory: it contains "thesis.txt"`,
  })
  expect(await readFile(join(foreign, 'thesis.txt'), 'utf8')).toBe('precious')
})

const HOLD = `
  const engine = await openEmbeddedEngine({ location })
  await engine.connect({ applicationName: 'child' }).then(
    () => console.log('open'),
    (error) => console.log(error.code),
  )
  setInterval(() => {}, 1000)`

const WRITE = `
  const engine = await openEmbeddedEngine({ location })
  const connection = await engine.connect({ applicationName: 'child' })
  await connection.query('CREATE TABLE IF NOT EXISTS written (batch int, n int)')
  await connection.query('CREATE INDEX IF NOT EXISTS written_batch ON written (batch)')
  const { rows } = await connection.query('SELECT coalesce(max(batch), 0) AS last FROM written')
  for (let batch = rows[0].last + 1; ; batch += 1) {
    await connection.query('BEGIN')
    for (let n = 0; n < 100; n += 1) await connection.query('INSERT INTO written VALUES ($1, $2)', [batch, n])
    await connection.query('COMMIT')
    console.log(batch)
  }`
