import { expect, test } from 'vitest'
import { testMigration } from '../../../test/support/test-migration.ts'
import { nameOfId, storedFile } from './stored-file.ts'

test.each([
  ['001_create_user_profiles', 'create user profiles'],
  ['20240506-add-orders', 'add orders'],
  ['users', 'users'],
  ['007', '007'],
  ['1.2_x', '.2 x'],
])('the name of %s is "%s"', (id, name) => {
  expect(nameOfId(id)).toBe(name)
})

test('a file is stored with what ran and how it was asked for', () => {
  const migration = testMigration(
    '001_users',
    '-- Type: create_table\n-- @up\n\nCREATE TABLE u (); -- ours\n\n-- @down\nDROP TABLE u;\n-- @verify\nTABLE u;\n',
  )
  expect(storedFile(migration)).toEqual({
    id: '001_users',
    name: 'users',
    description: migration.header.description,
    migration_type: 'create_table',
    up_sql: 'CREATE TABLE u (); -- ours',
    down_sql: 'DROP TABLE u;',
    depends_on: [],
    checksum: migration.checksum,
    verify_sql: 'TABLE u;',
    header: migration.header,
  })
})

test('without a statement in @down it is irreversible, but a merge point is rolled back by nothing', () => {
  expect(storedFile(testMigration('a', '-- @up\nSELECT 1;\n-- @down\n-- none\n')).down_sql).toBeNull()
  const merge = testMigration('m', '-- Type: custom_sql\n-- Tags: [merge]\n-- Depends on: [a, b]\n-- @up\n')
  expect(storedFile(merge)).toMatchObject({ up_sql: '', down_sql: '' })
})

test('of COPY data in @up the size and hash are stored in its place; @down is whole', () => {
  const data = '1\té\n2\tb\n'
  const migration = testMigration(
    'c',
    `-- @up\nCOPY t FROM stdin;\n${data}\\.\nSELECT 1;\n-- @down\nCOPY t FROM stdin;\n${data}\\.\n`,
  )
  expect(storedFile(migration).down_sql).toBe(`COPY t FROM stdin;\n${data}\\.`)
  expect(storedFile(migration).up_sql).toBe(
    'COPY t FROM stdin;\n-- tidemark: 9 bytes, sha256 b43c4c90efe7bfc734c0d911b0f666dbbcc7583cacc6fe9fada8aa7598961e59\n\\.\nSELECT 1;',
  )
})
