import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseMigration } from '@tidemark/core'
import { expect, onTestFinished, test } from 'vitest'
import { findInstalledExtensions } from './installed-extensions.ts'
import { findMissingExtensions } from './refuse-missing-extensions.ts'

async function openProject(): Promise<string> {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'tidemark-extensions-')))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

test('an extension whose package is installed in the project is found, no other', async () => {
  const folder = await openProject()
  expect(findInstalledExtensions(folder)).toEqual({})
  const own = join(folder, 'node_modules/@electric-sql/pglite-pgvector')
  await mkdir(join(own, 'dist'), { recursive: true })
  await writeFile(join(own, 'package.json'), '{ "main": "dist/index.cjs" }')
  await writeFile(join(own, 'dist/index.cjs'), '')
  expect(findInstalledExtensions(folder)).toEqual({})
  await writeFile(join(own, 'dist/vector.tar.gz'), '')
  expect(findInstalledExtensions(folder)).toEqual({ vector: join(own, 'dist/vector.tar.gz') })
})

test('where it is missing, the package is named', () => {
  const parsed = parseMigration({ path: 'migrations/1_a.sql', text: '-- @up\nCREATE EXTENSION vector;\n' })
  const found = parsed.ok ? findMissingExtensions(parsed.value.migration, {}) : []
  expect(found.map(({ code, message, help }) => [code, message, help])).toEqual([
    [
      'TM5032',
      'the embedded database has no extension "vector"',
      "install PGlite's package with it in the project: `npm install --save-dev @electric-sql/pglite-pgvector`; or use a server that has it",
    ],
  ])
})
