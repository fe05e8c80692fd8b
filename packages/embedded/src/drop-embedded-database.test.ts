import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { lockDirectory } from './directory/directory-lock.ts'
import { dropEmbeddedDatabase } from './drop-embedded-database.ts'
import { createEmbeddedDatabase } from './embedded-database.ts'

async function openFolder(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'tidemark-drop-'))
  onTestFinished(() => rm(root, { recursive: true }))
  const folder = join(root, 'db')
  await mkdir(folder)
  return folder
}

/** What of a data directory matters here. */
async function writeDatabase(folder: string): Promise<void> {
  await mkdir(join(folder, 'base'))
  for (const name of ['PG_VERSION', 'base/16384']) await writeFile(join(folder, name), '17\n')
}

test('everything goes but the folder, also through a link to it', async () => {
  const folder = await openFolder()
  await writeDatabase(folder)
  await symlink(folder, `${folder}-link`)
  expect(await dropEmbeddedDatabase(`pglite:${folder}-link`)).toBe(true)
  expect(await readdir(folder)).toEqual([])
  expect(await dropEmbeddedDatabase(`pglite:${folder}`)).toBe(false)
})

test('what is not there, or in memory, is no database', async () => {
  const folder = await openFolder()
  expect(await dropEmbeddedDatabase(`pglite:${folder}/none`)).toBe(false)
  expect(existsSync(join(folder, 'none'))).toBe(false)
  expect(await dropEmbeddedDatabase('pglite:memory')).toBe(false)
})

test('one that is open is not touched', async () => {
  const folder = await openFolder()
  await writeDatabase(folder)
  const lock = await lockDirectory(folder)
  onTestFinished(() => lock.release())
  await expect(dropEmbeddedDatabase(`pglite:${folder}`)).rejects.toThrow(/is in use by process/)
  expect(existsSync(join(folder, 'PG_VERSION'))).toBe(true)
})

test('what was dropped halfway is no part of the next database', async () => {
  const folder = await openFolder()
  await mkdir(join(folder, 'pg_wal'))
  for (const name of ['tidemark.layout', 'pg_wal/0000000100000000000000FF'])
    await writeFile(join(folder, name), 'x')
  const database = createEmbeddedDatabase({ database: `pglite:${folder}` })
  const connection = await database.connect('test')
  expect((await connection.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }])
  await connection.close()
  expect(existsSync(join(folder, 'pg_wal/0000000100000000000000FF'))).toBe(false)
})
