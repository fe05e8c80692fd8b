import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ok, TidemarkError } from '@tidemark/core'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toMigration } from '../../pg-driver/test/support/engine-harness.ts'
import { createEmbeddedMigrationRunner } from '../src/index.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tidemark-server-only-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

const runner = (files: Readonly<Record<string, string>>) =>
  createEmbeddedMigrationRunner({
    database: `pglite:${join(folder, 'db')}`,
    migrations: {
      readMigrations: async () =>
        ok({ migrations: Object.entries(files).map(([id, text]) => toMigration(id, text)), notes: [] }),
    },
  })

async function failureOf(files: Readonly<Record<string, string>>): Promise<TidemarkError> {
  const error: unknown = await runner(files)
    .runMigrations()
    .then(
      () => new Error('the run succeeded'),
      (thrown: unknown) => thrown,
    )
  if (!(error instanceof TidemarkError)) throw error
  return error
}

const TABLE = 'CREATE TABLE orders (id int PRIMARY KEY);'

test.each([
  ['CREATE SUBSCRIPTION', "CREATE SUBSCRIPTION s CONNECTION 'host=x' PUBLICATION p WITH (connect = false);"],
  ['COPY … PROGRAM', "COPY orders FROM PROGRAM 'echo 1';"],
  ['COPY … PROGRAM', "COPY (SELECT 1) TO PROGRAM 'cat';"],
])('%s is refused before anything runs', async (name, text) => {
  expect(await failureOf({ '001_a': TABLE, '002_x': text })).toMatchObject({
    code: 'TM5032',
    message: `the embedded database cannot do ${name}`,
    help: 'use a server: set its URL as the database',
    diagnostics: [{ code: 'TM5032', source: { path: 'migrations/002_x.sql' } }],
  })
  expect((await runner({ '001_a': TABLE }).runMigrations()).done).toEqual(['001_a'])
})

test('a COPY of a table or text that has the word in it is none', async () => {
  const files = { '001_a': 'CREATE TABLE program (a text);\nCOPY program FROM stdin;\nfrom program\n\\.\n' }
  expect((await runner(files).runMigrations()).done).toEqual(['001_a'])
})

test('a statement that breaks the engine is the failure of its migration, at its line, and recorded', async () => {
  const files = {
    '001_a': TABLE,
    '002_x': "-- Depends on: [001_a]\n-- @up\nCREATE TABLE b AS SELECT convert_to('é', 'LATIN1') AS x;\n",
  }
  for (const _turn of ['first', 'again']) {
    const error = await failureOf(files)
    expect(error).toMatchObject({
      code: 'TM5004',
      location: { path: 'migrations/002_x.sql', line: 3 },
      details: { migration: '002_x', index: 1 },
    })
    expect(error.help).toContain('the embedded database cannot do this: use a server')
    expect((await runner(files).status()).pending).toEqual(['002_x'])
    const { attempts } = await runner(files).history({ id: '002_x', limit: 1 })
    expect(attempts).toMatchObject([{ status: 'failed' }])
  }
})

test('a collation of ICU that is not defined here is named, with the statement that defines it', async () => {
  const text = 'CREATE TABLE words (word text COLLATE "de-x-icu");'
  const { code, help } = await failureOf({ '001_a': text })
  expect({ code, help }).toEqual({
    code: 'TM5004',
    help: 'of the collations of ICU the embedded database defines only "und-x-icu" and "unicode": create this one before, `CREATE COLLATION IF NOT EXISTS "de-x-icu" (provider = icu, locale = \'de\')`, or use a server',
  })
  const define = `CREATE COLLATION IF NOT EXISTS "de-x-icu" (provider = icu, locale = 'de');\n${text}`
  expect((await runner({ '001_a': define }).runMigrations()).done).toEqual(['001_a'])
})
