import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMigration } from '@tidemark/core'
import { expect, test } from 'vitest'
import { createEmbeddedDatabase, findMissingExtensions } from '../src/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'tidemark-save-'))

test('a database starts from what another one saved', async () => {
  const saved = join(folder, 'saved.tar.gz')
  const first = createEmbeddedDatabase({ database: 'pglite:memory' })
  const writer = await first.connect('test')
  await writer.query('CREATE TABLE kept (id int); INSERT INTO kept VALUES (7)')
  await first.save(saved)
  await writer.query('INSERT INTO kept VALUES (8)')
  await writer.close()
  await first.close()

  const second = createEmbeddedDatabase({ database: 'pglite:memory', templatePath: saved })
  const reader = await second.connect('test')
  expect((await reader.query('SELECT id FROM kept')).rows).toEqual([{ id: 7 }])
  await reader.close()
  await second.close()
})

test('saving where nothing can be written is TM5033, and the database goes on', async () => {
  const database = createEmbeddedDatabase({ database: 'pglite:memory' })
  await expect(database.save(join(folder, 'none', 'saved.tar.gz'))).rejects.toMatchObject({ code: 'TM5033' })
  const connection = await database.connect('test')
  expect((await connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await connection.close()
  await database.close()
})

test('an extension without a library is a folder of its files', async () => {
  const files = join(folder, 'greeter')
  mkdirSync(files)
  writeFileSync(join(files, 'greeter.control'), "default_version = '1.0'\nrelocatable = false\n")
  writeFileSync(
    join(files, 'greeter--1.0.sql'),
    "CREATE FUNCTION greet() RETURNS text LANGUAGE sql AS $$ SELECT 'hello' $$;",
  )
  const extensions = { greeter: files }
  const database = createEmbeddedDatabase({ database: 'pglite:memory', extensions })
  const connection = await database.connect('test')
  await connection.query('CREATE EXTENSION greeter')
  expect((await connection.query('SELECT greet() AS said')).rows).toEqual([{ said: 'hello' }])
  await connection.close()
  await database.close()

  const text = '-- @up\nCREATE EXTENSION greeter;\n'
  const parsed = parseMigration({ path: '001_greeter.sql', text })
  if (!parsed.ok) throw new TypeError('the migration does not parse')
  expect(findMissingExtensions(parsed.value.migration, extensions)).toEqual([])
  expect(findMissingExtensions(parsed.value.migration)).toMatchObject([{ code: 'TM5032' }])
})
