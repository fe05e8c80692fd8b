import { describe, expect, test } from 'vitest'
import { type ForeignMigration, wholeFile } from './foreign/foreign-project.ts'
import type { HistoryRow } from './history/history.ts'
import { judgeHistory } from './judge-history.ts'

function migration(version: string, more: Partial<ForeignMigration> = {}): ForeignMigration {
  return {
    version,
    name: version,
    description: undefined,
    up: wholeFile({ name: `${version}.sql`, path: `old/${version}.sql`, text: 'SELECT 1;' }),
    down: undefined,
    transaction: 'required',
    run: 'once',
    ...more,
  }
}

const versions = (...names: string[]): readonly HistoryRow[] => names.map((version) => ({ version }))

test('supabase and dbmate: what has a row is applied, rows without a file are reported', () => {
  const migrations = [migration('1'), migration('2'), migration('3')]
  for (const format of ['supabase', 'dbmate'] as const) {
    expect(judgeHistory(format, versions('1', '3', '9'), migrations)).toEqual({
      applied: [true, false, true],
      unknown: ['9'],
      findings: [],
      refusal: undefined,
    })
  }
})

test('goose: the latest row of a version decides, numbers are compared by value', () => {
  const rows: readonly HistoryRow[] = [
    { id: '1', version_id: '0', is_applied: 'true' },
    { id: '2', version_id: '1', is_applied: 'true' },
    { id: '3', version_id: '2', is_applied: 'true' },
    { id: '4', version_id: '2', is_applied: 'false' },
  ]
  expect(judgeHistory('goose', rows, [migration('00001'), migration('00002')])).toMatchObject({
    applied: [true, false],
    unknown: [],
  })
})

describe('golang-migrate', () => {
  const migrations = [migration('1'), migration('2'), migration('10')]

  test('everything up to its one version is applied', () => {
    const row = { version: '2', dirty: 'false' }
    expect(judgeHistory('golang-migrate', [row], migrations)).toEqual({
      applied: [true, true, false],
      unknown: [],
      findings: [],
      refusal: undefined,
    })
    expect(judgeHistory('golang-migrate', [], migrations).applied).toEqual([false, false, false])
  })

  test('a dirty version is not adopted', () => {
    const judged = judgeHistory('golang-migrate', [{ version: '2', dirty: 'true' }], migrations)
    expect(judged.refusal?.message).toBe('version 2 is dirty: it failed half way')
  })
})

describe('prisma', () => {
  const row = (name: string, more: HistoryRow = {}): HistoryRow => ({
    migration_name: name,
    finished_at: '2024-01-01',
    rolled_back_at: null,
    checksum: 'c',
    ...more,
  })

  test('finished and not rolled back is applied; a file that changed since is reported', () => {
    const migrations = [
      migration('a', { fingerprint: 'c' }),
      migration('b', { fingerprint: 'd' }),
      migration('c'),
    ]
    const judged = judgeHistory('prisma', [row('a'), row('b'), row('c', { rolled_back_at: 'x' })], migrations)
    expect(judged.applied).toEqual([true, true, false])
    expect(judged.findings.map(({ message, source }) => `${source?.path} ${message}`)).toEqual([
      'old/b.sql it has changed since Prisma applied it',
    ])
  })

  test('one that failed is not adopted', () => {
    expect(judgeHistory('prisma', [row('a', { finished_at: null })], []).refusal?.message).toBe(
      '"a" failed half way',
    )
  })
})

test('drizzle: what is not newer than the latest row is applied', () => {
  const migrations = [
    migration('10', { fingerprint: 'a' }),
    migration('20', { fingerprint: 'b' }),
    migration('30'),
  ]
  const judged = judgeHistory('drizzle', [{ id: '1', created_at: '20', hash: 'b' }], migrations)
  expect(judged.applied).toEqual([true, true, false])
  expect(judged.findings.map(({ source }) => source?.path)).toEqual(['old/10.sql'])
})

describe('flyway', () => {
  const row = (version: string | null, type: string, more: HistoryRow = {}): HistoryRow => ({
    version,
    type,
    script: `V${version}__a.sql`,
    success: 'true',
    checksum: null,
    ...more,
  })

  test('an undo takes back, a baseline counts for all before it', () => {
    const migrations = [migration('1'), migration('1.5'), migration('2'), migration('3')]
    const rows = [row('1_5', 'BASELINE'), row('2', 'SQL'), row('3', 'SQL'), row('3', 'UNDO_SQL')]
    expect(judgeHistory('flyway', rows, migrations).applied).toEqual([true, true, true, false])
  })

  test('a repeatable file is applied only as it is now', () => {
    const view = (fingerprint: string) => [migration('R__v', { run: 'on_change', fingerprint })]
    const rows = [row(null, 'SQL', { script: 'views/R__v.sql', checksum: '7' })]
    expect(judgeHistory('flyway', rows, view('7')).applied).toEqual([true])
    expect(judgeHistory('flyway', rows, view('8')).applied).toEqual([false])
  })

  test('a failed one is not adopted', () => {
    expect(judgeHistory('flyway', [row('1', 'SQL', { success: 'false' })], []).refusal?.message).toBe(
      '"V1__a.sql" failed',
    )
  })
})
