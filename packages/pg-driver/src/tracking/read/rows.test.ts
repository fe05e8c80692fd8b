import { MIGRATION_STATUSES, MIGRATION_TYPES, type MigrationRow, TidemarkError } from '@tidemark/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseCurrentRow } from './migration-row.ts'
import { parseMigrationAttempt, parseMigrationRow, parseStoredMigration } from './rows.ts'

const header = {
  description: 'Keep people',
  type: 'create_table',
  dependsOn: ['000_base'],
  transaction: 'none',
  run: 'on_change',
  lockTimeoutMs: 5000,
  statementTimeoutMs: 0,
  role: 'owner',
  blocking: false,
  replaces: [],
  tags: ['a'],
}

const columns = {
  id: '001_users',
  status: 'completed',
  checksum: 'ab'.repeat(32),
  migration_type: 'create_table',
  depends_on: ['000_base'],
  description: 'Keep people',
  header,
  reversible: true,
  applied_at: 1_715_000_000.123456,
  execution_time_ms: 7,
  error_message: null,
  direction: null,
  statements_done: null,
  run_id: '00000000-0000-4000-8000-000000000001',
}

/** Reads a row as the history does, and checks that the short way and the schemas come to the same. */
function readRow(text: string): MigrationRow {
  const usual = parseCurrentRow(JSON.parse(text))
  const row = parseMigrationRow(text)
  if (usual !== undefined) expect(usual).toEqual(row)
  return row
}

const read = (changes: object) => readRow(JSON.stringify({ ...columns, ...changes }))

test('what a check showed of a @down is read, and words of a later version are not', () => {
  const downVerdict = { verdict: 'loses_data', details: ['all rows of public.users are gone'] }
  const checked = { ...header, reversible: downVerdict }
  expect(parseCurrentRow({ ...columns, header: checked })).toMatchObject({ header, downVerdict })
  expect(read({ header: checked })).toMatchObject({ header, downVerdict })
  const stored = { ...columns, up_sql: 'SELECT 1;', down_sql: 'SELECT 2;', verify_sql: null }
  expect(parseStoredMigration(JSON.stringify({ ...stored, header: checked }))).toMatchObject({
    header,
    downVerdict,
  })
  expect(parseStoredMigration(JSON.stringify(stored))).not.toHaveProperty('downVerdict')
  for (const reversible of [{ verdict: 'wonderful', details: [] }, { verdict: 'exact' }, 'exact', null])
    expect(read({ header: { ...header, reversible } })).not.toHaveProperty('downVerdict')
})

test('a row is read with microseconds cut off and what the store keeps beside the header', () => {
  expect(
    read({
      header: {
        ...header,
        earlier_checksums: ['cd'],
        replaced_by: '100_squash',
        last_applied_at: 1_715_000_001,
        key_of_a_later_version: 1,
      },
    }),
  ).toEqual({
    id: '001_users',
    status: 'completed',
    checksum: 'ab'.repeat(32),
    type: 'create_table',
    dependsOn: ['000_base'],
    header,
    replacedBy: '100_squash',
    reversible: true,
    appliedAt: new Date(1_715_000_000_123),
    executionTimeMs: 7,
    errorMessage: null,
    direction: null,
    statementsDone: null,
    runId: '00000000-0000-4000-8000-000000000001',
    lastAppliedAt: new Date(1_715_000_001_000),
    earlierChecksums: ['cd'],
  })
})

test('what the store keeps beside the header needs no schema', () => {
  const kept = { replaced_by: '100_squash', last_applied_at: 1_715_000_001, applied_run_id: '', progress: {} }
  const row = { ...columns, header: { ...header, ...kept, earlier_checksums: ['cd'] }, statements_done: 3 }
  expect(parseCurrentRow(row)).toEqual(parseMigrationRow(JSON.stringify(row)))
  for (const unusual of [
    { ...kept, in_force: {} },
    { ...kept, key_of_a_later_version: 1 },
  ])
    expect(parseCurrentRow({ ...row, header: { ...header, ...unusual } })).toBeUndefined()
})

test('what is in force is read of a row whose last attempt did not complete, and of no other', () => {
  const version = { checksum: 'cd'.repeat(32), migration_type: 'custom_sql', depends_on: [], header }
  const kept = { ...header, in_force: { ...version, down_sql: 'b' } }
  const inForce = { checksum: 'cd'.repeat(32), type: 'custom_sql', dependsOn: [], header, reversible: true }
  expect(read({ status: 'failed', header: kept })).toMatchObject({ inForce })
  expect(read({ status: 'completed', header: kept }).inForce).toBeUndefined()
  expect(read({ status: 'failed', header: { in_force: version } }).inForce).toMatchObject({
    checksum: version.checksum,
  })
  expect(read({ status: 'failed', header: { ...header, in_force: 'x' } }).inForce).toBeUndefined()
  const stored = { ...columns, up_sql: 'a', down_sql: null, verify_sql: null, description: null }
  const text = parseStoredMigration(JSON.stringify({ ...stored, status: 'failed', header: kept }))
  expect([text.downSql, text.inForce?.downSql, text.inForce?.checksum]).toEqual([null, 'b', 'cd'.repeat(32)])
})

test('a header of an older layout is null in the history and filled in for a rollback', () => {
  for (const older of [null, {}, { run: 'once' }]) expect(read({ header: older }).header).toBeNull()
  const stored = { ...columns, up_sql: 'a', down_sql: null, verify_sql: null, header: {}, description: null }
  expect(parseStoredMigration(JSON.stringify(stored)).header).toEqual({
    description: '001_users',
    type: 'create_table',
    dependsOn: ['000_base'],
    transaction: 'required',
    run: 'once',
    lockTimeoutMs: null,
    statementTimeoutMs: null,
    role: null,
    blocking: true,
    replaces: [],
    tags: [],
  })
})

test('a header that lacks a key of a later version has its default', () => {
  const { tags: _, ...older } = header
  expect(read({ header: older }).header).toEqual({ ...header, tags: [] })
})

test('a time that JavaScript cannot hold is unknown', () => {
  for (const time of ['Infinity', '-Infinity', 9e15, null])
    expect(read({ applied_at: time }).appliedAt).toBeNull()
})

test('a row that cannot be one is TM3006 with every problem', () => {
  const parse = () => read({ status: 'done', checksum: null })
  expect(parse).toThrow(TidemarkError)
  expect(parse).toThrow(
    expect.objectContaining({
      code: 'TM3006',
      message: expect.stringMatching(
        /^the row "001_users" of "schema_migrations" cannot be read: status: .+; checksum: .+$/,
      ),
    }),
  )
})

test('arbitrary values are read or refused with TM3006, never anything else', () => {
  const anyColumns = fc.record(
    Object.fromEntries(
      Object.entries(columns).map(([name, value]) => [
        name,
        fc.oneof({ weight: 3, arbitrary: fc.constant(value) }, { weight: 1, arbitrary: fc.jsonValue() }),
      ]),
    ),
  )
  fc.assert(
    fc.property(fc.oneof(anyColumns, fc.jsonValue()), (row) => {
      for (const parse of [readRow, parseStoredMigration, parseMigrationAttempt]) {
        try {
          parse(JSON.stringify(row))
        } catch (error) {
          expect(error).toMatchObject({ code: 'TM3006' })
        }
      }
    }),
  )
})

test('every row that the tables can hold is read as it is', () => {
  const text = fc.string({ unit: 'binary' })
  const row = fc.record({
    id: text,
    status: fc.constantFrom(...MIGRATION_STATUSES),
    checksum: text,
    migration_type: fc.constantFrom(...MIGRATION_TYPES),
    depends_on: fc.array(text),
    description: fc.option(text),
    header: fc.constant(null),
    reversible: fc.boolean(),
    applied_at: fc.option(fc.integer({ min: -8_640_000_000_000, max: 8_640_000_000_000 })),
    execution_time_ms: fc.option(fc.nat()),
    error_message: fc.option(text),
    direction: fc.option(fc.constantFrom('up', 'down')),
    statements_done: fc.option(fc.nat()),
    run_id: fc.option(fc.uuid()),
  })
  fc.assert(
    fc.property(row, (values) => {
      const text = JSON.stringify(values)
      expect(parseCurrentRow(JSON.parse(text))).toBeDefined()
      expect(readRow(text)).toEqual({
        id: values.id,
        status: values.status,
        checksum: values.checksum,
        type: values.migration_type,
        dependsOn: values.depends_on,
        header: null,
        replacedBy: null,
        reversible: values.reversible,
        appliedAt: values.applied_at === null ? null : new Date(values.applied_at * 1000),
        executionTimeMs: values.execution_time_ms,
        errorMessage: values.error_message,
        direction: values.direction,
        statementsDone: values.statements_done,
        runId: values.run_id,
        lastAppliedAt: null,
        earlierChecksums: [],
      })
    }),
  )
})
