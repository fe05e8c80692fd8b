import { DEFAULT_HEADER, type MigrationRow, type StoredMigration, sectionText } from '@tidemark/core'
import { expect, test } from 'vitest'
import { originalId, readStoredMigrations } from './stored-migrations.ts'

const row = (id: string, sequence: number): MigrationRow => ({
  id,
  status: 'completed',
  checksum: '0'.repeat(64),
  type: 'custom_sql',
  dependsOn: [],
  header: null,
  reversible: false,
  replacedBy: null,
  appliedAt: null,
  executionTimeMs: null,
  errorMessage: null,
  direction: null,
  statementsDone: null,
  runId: null,
  earlierChecksums: [],
  application: { sequence, how: 'executed', runId: null, executedBy: null, executedAt: new Date(0) },
})
const stored = (
  id: string,
  upSql: string,
  dependsOn: readonly string[] = [],
): readonly [string, StoredMigration] => [
  id,
  {
    id,
    checksum: '0'.repeat(64),
    upSql,
    downSql: null,
    verifySql: null,
    header: { ...DEFAULT_HEADER, description: '', dependsOn: [...dependsOn], role: 'app' },
  },
]
const read = (...list: readonly (readonly [string, StoredMigration])[]) =>
  readStoredMigrations(
    list.map(([id], at) => row(id, 100 - at)),
    new Map(list),
  )

test('stored migrations run in the order of application, with what they depended on', () => {
  const { migrations } = read(
    stored('001_b', 'SELECT 2;', ['002_a', '000_gone']),
    stored('002_a', 'SELECT 1;'),
  )
  expect(migrations.map(({ id, header }) => [id, header.dependsOn, header.role])).toEqual([
    ['000000_002_a', [], null],
    ['000001_001_b', ['000000_002_a'], null],
  ])
  expect(migrations.map(({ id }) => originalId(id))).toEqual(['002_a', '001_b'])
})

test('COPY loads no rows, and what follows it runs', () => {
  const kept = `-- tidemark: 18 bytes, sha256 ${'a'.repeat(64)}`
  const { migrations, unreadable } = read(
    stored('001_a', `COPY t (a) FROM stdin;\n${kept}\n\\.\nALTER TABLE t ADD b int;`),
  )
  expect(unreadable).toEqual([])
  const [migration] = migrations
  expect(migration?.up.statements).toHaveLength(2)
  expect(migration && sectionText(migration, migration.up)).toBe(
    'COPY t (a) FROM stdin;\n\\.\nALTER TABLE t ADD b int;',
  )
})

test('what cannot be read is named', () => {
  expect(read(stored('001_a', "SELECT 'open")).unreadable).toEqual([
    { migrationId: '001_a', why: 'its SQL is not stored in a form that can be run again' },
  ])
})
