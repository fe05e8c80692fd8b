import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createEmbeddedDatabase, createEmbeddedMigrationRunner } from '../src/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-embedded-large-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const ROWS = 40_000
const BODY = 'é'.repeat(225)
const TABLE = 'CREATE TABLE t (id int, body text);\n'
const copy = (line = (id: number) => `${id}\t${BODY}`) =>
  `COPY t FROM stdin;\n${Array.from({ length: ROWS }, (_, id) => `${line(id)}\n`).join('')}\\.\n`
const put = (text: string) => writeFile(join(folder, '001_large.sql'), `-- @up\n${text}`)
const up = () =>
  createEmbeddedMigrationRunner({
    database: `pglite:${join(folder, 'db')}`,
    migrations: folder,
  }).runMigrations()

async function query(text: string) {
  const database = createEmbeddedDatabase({ database: `pglite:${join(folder, 'db')}` })
  const connection = await database.connect('test')
  const { rows } = await connection.query(text)
  await connection.close()
  return rows
}

test('a large file is applied to an embedded database, its rows and its data', async () => {
  const insert = Array.from({ length: 200 }, (_, id) => `INSERT INTO t VALUES (${id}, 'one');\n`).join('')
  await put(`${TABLE}${copy()}${insert}-- @verify\nSELECT count(*) = ${ROWS + 200} FROM t;\n`)
  expect((await up()).done).toEqual(['001_large'])
  expect(await query('SELECT count(*)::int AS n, sum(length(body))::int AS l FROM t')).toEqual([
    { n: ROWS + 200, l: ROWS * 225 + 600 },
  ])
  expect((await up()).outcome).toBe('nothing_to_do')
})

test('an error far into streamed data is located on an embedded database, and nothing stays', async () => {
  await put(`${TABLE}${copy((id) => (id === 39_000 ? `x\t${BODY}` : `${id}\t${BODY}`))}`)
  expect(await up().catch((error: unknown) => error)).toMatchObject({
    code: 'TM5004',
    message: '"001_large" statement 2 of 2: invalid input syntax for type integer: "x"',
    location: { line: 39_004, column: 1 },
  })
  expect(await query("SELECT to_regclass('t') AS t")).toEqual([{ t: null }])
})
