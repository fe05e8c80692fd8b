import { existsSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, test } from 'vitest'
import {
  availableExtensions,
  extensionArchivePaths,
  findCreatedExtensions,
  findExtensionArchives,
} from './extension-archives.ts'

test('every extension but the built-in one has an archive in the installed PGlite', () => {
  const paths = extensionArchivePaths()
  expect([...Object.keys(paths), 'plpgsql'].toSorted()).toEqual(availableExtensions())
  expect(Object.values(paths).filter((path) => !existsSync(path))).toEqual([])
})

test.each([
  ['CREATE EXTENSION "uuid-ossp"', ['uuid-ossp']],
  ['create extension if not exists PgCrypto with schema extensions', ['pgcrypto']],
  ['CREATE/*a*/EXTENSION--b\nIF  NOT\tEXISTS hstore', ['hstore']],
  ['CREATE EXTENSION "a""b"', ['a"b']],
  ["DO $$ BEGIN EXECUTE 'create extension ltree'; END $$", ['ltree']],
  ["EXECUTE format('CREATE EXTENSION %I', name)", [undefined]],
  ['CREATE EXTENSION citext; CREATE EXTENSION cube', ['citext', 'cube']],
  ['DROP EXTENSION citext; COMMENT ON EXTENSION citext IS $$create$$', []],
])('%s creates %j', (sql, names) => {
  expect(findCreatedExtensions(sql)).toEqual(names)
})

test('archives are found with what they need, all of them where the name is computed, none for what there is not', () => {
  const names = (sql: string) => findExtensionArchives(sql).map((path) => basename(path))
  expect(names('CREATE EXTENSION earthdistance CASCADE')).toEqual(['cube.tar.gz', 'earthdistance.tar.gz'])
  expect(names('CREATE EXTENSION moddatetime; CREATE EXTENSION refint')).toEqual(['spi.tar.gz'])
  expect(names('CREATE EXTENSION pg_net')).toEqual([])
  expect(names('SELECT 1')).toEqual([])
  const all = new Set(Object.values(extensionArchivePaths()))
  expect(new Set(findExtensionArchives("format('create extension %I', x)"))).toEqual(all)
  expect(new Set(findExtensionArchives('SELECT name FROM pg_available_extensions'))).toEqual(all)
})

test('the documentation lists what there is', () => {
  const page = readFileSync(new URL('../../../../docs/embedded.md', import.meta.url), 'utf8')
  expect(page).toContain(`${availableExtensions().join(', ')}.`)
})
