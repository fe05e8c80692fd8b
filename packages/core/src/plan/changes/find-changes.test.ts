import { expect, test } from 'vitest'
import { formatDiagnostic } from '../../diagnostic/format-diagnostic.ts'
import { isReversible, type Migration, sectionText } from '../../migration/model/migration.ts'
import { parseMigration } from '../../migration/parse-migration.ts'
import { storedSectionText } from '../../migration/sections/stored-section-text.ts'
import type { StoredMigration } from '../history/history.ts'
import { describeChange } from './describe-change.ts'
import { describeDifference } from './describe-difference.ts'
import { findChanges } from './find-changes.ts'
import { findRenamed } from './find-renamed.ts'

const TEXT = `-- Type: create_table
-- Depends on: [001_a]
-- Tags: [x, y]
-- @up
CREATE TABLE orders (
  id bigint,
  note text
);
-- @down
DROP TABLE orders;
-- @verify
SELECT true;
`

test('a file that is as it was applied has not changed', () => {
  expect(findChanges(parse(TEXT), store(TEXT))).toBeUndefined()
})

test.each([
  ['cosmetic', [/id bigint/, '/* the key */ ID  bigint']],
  ['cosmetic', [/-- Type/, '-- Orders of people\n-- Type']],
  ['cosmetic', [/\[x, y\]/, '[y, x]']],
  ['header', [/create_table/, 'custom_sql']],
  ['header', [/-- Tags/, '-- Blocking: false\n-- Tags']],
  ['header', [/-- Tags/, '-- Lock timeout: 1s\n-- Tags']],
  ['header', [/-- Tags/, '-- Description: other\n-- Tags']],
  ['down', [/DROP TABLE orders;/, 'DROP TABLE orders CASCADE;']],
  ['down', [/-- @down\n.*\n/, '']],
  ['verify', [/SELECT true/, 'SELECT 1 = 1']],
  ['dependencies', [/\[001_a\]/, '[001_a, 002_b]']],
  ['up', [/bigint/, 'int']],
  ['transaction', [/-- Tags/, '-- Transaction: none\n-- Tags']],
  ['role', [/-- Tags/, '-- Role: owner\n-- Tags']],
  ['replaces', [/-- Tags/, '-- Replaces: [000_z]\n-- Tags']],
] as const)('%s', (kind, [from, to]) => {
  const change = findChanges(parse(TEXT.replace(from, to)), store(TEXT))
  expect(change).toEqual({
    id: '007_orders',
    kinds: [kind],
    addedDependencies: kind === 'dependencies' ? ['002_b'] : [],
  })
})

test('several differences are a set, what ran first', () => {
  const changed = TEXT.replace('create_table', 'custom_sql').replace('bigint', 'int').replace('true', 'false')
  expect(findChanges(parse(changed), store(TEXT))?.kinds).toEqual(['up', 'verify', 'header'])
})

test('a file that runs again on change never counts as changed', () => {
  expect(
    findChanges(parse(`-- Run: on_change\n${TEXT.replace('bigint', 'int')}`), store(TEXT)),
  ).toBeUndefined()
})

test('COPY data is compared by its size and hash', () => {
  const copy = '-- @up\nCOPY a FROM stdin;\n1\n2\n\\.\n'
  expect(store(copy).upSql).toBe(
    'COPY a FROM stdin;\n-- tidemark: 4 bytes, sha256 a6e2b7a040683432de03a18fd8a1939a2fdf82585b364bfc874bdd4095c4cae1\n\\.',
  )
  expect(findChanges(parse(`-- a comment\n${copy}`), store(copy))?.kinds).toEqual(['cosmetic'])
  expect(findChanges(parse(copy.replace('2', '3')), store(copy))?.kinds).toEqual(['up'])
})

test('COPY data of @down is stored whole, and compared as data', () => {
  const copy = '-- @up\nSELECT 1;\n-- @down\nCOPY a FROM stdin;\n1\n2\n\\.\n'
  expect(findChanges(parse(`-- a comment\n${copy}`), store(copy))?.kinds).toEqual(['cosmetic'])
  expect(findChanges(parse(copy.replace('2\n', '3\n')), store(copy))?.kinds).toEqual(['down'])
  expect(describeDifference(parse(copy.replace('2\n', '3\n')), store(copy))).toBe(
    '@down\n  COPY a FROM stdin;\n  1\n- 2\n+ 3\n  \\.',
  )
  const renamed = parse(copy, '008_orders')
  expect([...findRenamed([store(copy)], [renamed])]).toEqual([['007_orders', renamed]])
})

test('a renamed file may have a @down that holds nothing but a comment', () => {
  const irreversible = '-- @up\nSELECT 1;\n-- @down\n-- cannot be rolled back\n'
  const renamed = parse(irreversible, '008_orders')
  expect([...findRenamed([store(irreversible)], [renamed])]).toEqual([['007_orders', renamed]])
})

test('a change of @up is an error that shows the difference at its place', () => {
  const file = parse(TEXT.replace('  note text', '  note text NOT NULL'))
  const change = findChanges(file, store(TEXT))
  if (change === undefined) throw new Error('the file has not changed')
  expect(
    formatDiagnostic(describeChange(file, store(TEXT), change)),
  ).toBe(`migrations/007_orders.sql:7:1 error TM4001: "007_orders" has changed since it was applied: @up
7 |   note text NOT NULL
  | ^^^^^^^^^^^^^^^^^^^^
  CREATE TABLE orders (
    id bigint,
-   note text
+   note text NOT NULL
  );
help: restore the file and put the change into a new migration; if the database already matches the file: tidemark repair 007_orders --adopt`)
})

test('a change of what did not run is a warning', () => {
  const file = parse(TEXT.replace('SELECT true', 'SELECT false'))
  const change = findChanges(file, store(TEXT))
  if (change === undefined) throw new Error('the file has not changed')
  expect(
    formatDiagnostic(describeChange(file, store(TEXT), change)),
  ).toBe(`migrations/007_orders.sql:1:1 warning TM4001: "007_orders" has changed since it was applied: @verify
1 | -- Type: create_table
  | ^
help: the applied SQL is the same; to record the file as it is now: tidemark repair 007_orders --adopt`)
})

test('a renamed file has the sections of an orphan, and is given to one orphan only', () => {
  const renamed = parse(`-- Description: another header\n${TEXT}`, '008_orders')
  const other = parse('-- @up\nSELECT 1;\n', '009_other')
  const orphan = store(TEXT)
  const twin = { ...orphan, id: '006_orders' }
  expect([...findRenamed([orphan, twin], [other, renamed])]).toEqual([['007_orders', renamed]])
})

function parse(text: string, id = '007_orders'): Migration {
  const parsed = parseMigration({ path: `migrations/${id}.sql`, text })
  if (!parsed.ok) throw new Error(parsed.error.map(({ message }) => message).join('\n'))
  return parsed.value.migration
}

function store(text: string): StoredMigration {
  const file = parse(text)
  const { id, checksum, header, up, down, verify } = file
  return {
    id,
    checksum,
    header,
    upSql: storedSectionText(file, up),
    // What a rollback runs is stored whole, COPY data too.
    downSql: down !== undefined && isReversible(file) ? sectionText(file, down) : null,
    verifySql: verify === undefined ? null : sectionText(file, verify),
  }
}
