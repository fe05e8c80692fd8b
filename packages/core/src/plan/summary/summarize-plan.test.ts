import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { expectOk, historyOf } from '../../../test/builders/history-builder.ts'
import { completedRow, migration, storedOf } from '../../../test/builders/migration-builder.ts'
import type { Migration } from '../../migration/model/migration.ts'
import { planApply } from '../apply/plan-apply.ts'
import { planRollback } from '../rollback/plan-rollback.ts'
import { type PlanSummary, type SummarizePlanOptions, summarizePlan } from './summarize-plan.ts'

function summarize(files: readonly Migration[], options?: SummarizePlanOptions): PlanSummary {
  return summarizePlan(
    expectOk(planApply({ graph: graphOf(...files), history: { kind: 'absent' } })),
    options,
  )
}

const words = (summary: PlanSummary) =>
  summary.steps.flatMap((step) => step.remarks.map((remark) => `${remark.kind}: ${remark.words}`))

test('destructive statements, strong locks and missing transactions are reported in plain words', () => {
  const summary = summarize([
    migration('1_a', {
      up: 'DROP TABLE a.b, c CASCADE;\nDELETE FROM d;\nUPDATE e SET x = 1;\nALTER TABLE f DROP COLUMN g;\nTRUNCATE h;',
    }),
    migration('2_b', { transaction: 'none', up: 'CREATE INDEX CONCURRENTLY i ON f (x);' }),
  ])
  expect(words(summary).filter((line) => !line.startsWith('strong'))).toEqual([
    'destructive: drops the table a.b, c and everything that depends on it',
    'destructive: deletes every row of d',
    'destructive: updates every row of e',
    'destructive: drops the column g of f',
    'destructive: empties h',
    'no_transaction: runs without a transaction, statement by statement',
  ])
  expect(words(summary)).toContain('strong_lock: takes ACCESS EXCLUSIVE on f')
  expect(summary.counts).toEqual({
    steps: 2,
    statements: 6,
    withoutTransaction: 1,
    destructive: 5,
    strongLocks: words(summary).filter((line) => line.startsWith('strong_lock')).length,
    tablesWithoutRowSecurity: 0,
  })
})

test('a remark points at its statement', () => {
  const file = migration('1_a', { up: 'SELECT 1;\n  DELETE FROM d;' })
  const [remark] = summarize([file]).steps[0]?.remarks ?? []
  expect(remark?.source?.text.slice(remark.span?.start, remark.span?.end)).toBe('DELETE FROM d;')
})

test('tables of an exposed schema are reported when no step enables row level security', () => {
  const open = migration('1_a', {
    up: 'CREATE TABLE a (x int);\nCREATE TABLE public.b ();\nCREATE TABLE app.c ();',
  })
  const later = migration('2_b', { up: 'ALTER TABLE b ENABLE ROW LEVEL SECURITY;\nCREATE TEMP TABLE t ();' })
  const warningsOf = (options?: SummarizePlanOptions) =>
    words(summarize([open, later], options)).filter((line) => line.startsWith('no_row_security'))
  expect(warningsOf()).toEqual(['no_row_security: creates the table a without row level security'])
  expect(warningsOf({ exposedSchemas: ['app'] })).toEqual([
    'no_row_security: creates the table app.c without row level security',
  ])
})

test('a lock on a table that the same step created holds nobody up', () => {
  const file = migration('1_a', { up: 'CREATE TABLE a (x int);\nALTER TABLE a ENABLE ROW LEVEL SECURITY;' })
  expect(words(summarize([file]))).toEqual([])
})

test('a rollback is summarized from its stored SQL', () => {
  const file = migration('1_a', { down: 'DROP TABLE a;' })
  const plan = expectOk(
    planRollback({
      graph: graphOf(file),
      history: historyOf(completedRow(file)),
      request: { kind: 'all' },
      stored: new Map([[file.id, storedOf(file)]]),
    }),
  )
  expect(summarizePlan(plan).steps).toEqual([
    {
      id: '1_a',
      action: 'roll_back',
      transaction: 'required',
      statements: 1,
      remarks: [
        { kind: 'destructive', words: 'drops the table a', relations: [{ name: 'a' }] },
        {
          kind: 'strong_lock',
          words: 'takes ACCESS EXCLUSIVE on a, and on the tables it refers to',
        },
      ],
    },
  ])
})

test('what is done already, or only recorded, is not counted', () => {
  const file = migration('1_a', { transaction: 'none', up: 'DELETE FROM a;\nSELECT 1;' })
  const row = completedRow(file, { status: 'failed', direction: 'up', statementsDone: 1 })
  const plan = expectOk(planApply({ graph: graphOf(file), history: historyOf(row) }))
  expect(summarizePlan(plan).counts.statements).toBe(1)
  expect(summarizePlan(plan).counts.destructive).toBe(0)
})
