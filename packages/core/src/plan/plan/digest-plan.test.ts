import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { expectOk, historyOf, minute } from '../../../test/builders/history-builder.ts'
import { completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { sha256Hex } from '../../checksum/checksum.ts'
import { planApply } from '../apply/plan-apply.ts'
import { databaseVersion } from '../history/database-version.ts'
import type { History } from '../history/history.ts'
import type { ApplyOptions } from '../pending/apply-options.ts'
import { digestPlan } from './digest-plan.ts'

const a = migration('1_a')
const b = migration('2_b', { dependsOn: ['1_a'] })

function digest(history: History, options: ApplyOptions = {}, files = [a, b]): string {
  const plan = expectOk(planApply({ graph: graphOf(...files), history, options }))
  expect(digestPlan(plan)).toBe(plan.digest)
  return plan.digest
}

test('the digest covers format version, ordered steps, request and rows, in this form for ever', () => {
  const row = completedRow(a, { statementsDone: 2 })
  const text = JSON.stringify([
    1,
    [['apply', '2_b', b.checksum]],
    [
      ['action', 'apply'],
      ['tags', ['x', 'y']],
    ],
    [['1_a', 'completed', a.checksum, 2]],
  ])
  const tagged = migration('2_b', { dependsOn: ['1_a'], tags: ['x', 'y'] })
  const expected = sha256Hex(text.replace(b.checksum, tagged.checksum))
  expect(digest(historyOf(row), { tags: ['y', 'x', 'y'] }, [a, tagged])).toBe(expected)
})

test('timestamps, errors, pending rows and a missing table are outside', () => {
  const row = completedRow(a)
  const same = completedRow(a, { appliedAt: minute(77), errorMessage: 'x', executionTimeMs: 9, runId: 'r' })
  const pending = completedRow(b, { status: 'pending' })
  expect(digest(historyOf(same, pending))).toBe(digest(historyOf(row)))
  expect(digest(historyOf())).toBe(digest({ kind: 'absent' }))
})

test('a fixed file of a failed migration counts as its row will once a run has refreshed it', () => {
  const failed = completedRow(b, { status: 'failed' })
  const fixed = migration('2_b', { dependsOn: ['1_a'], up: 'SELECT 22;' })
  const refreshed = { ...failed, checksum: fixed.checksum }
  const before = digest(historyOf(failed), {}, [a, fixed])
  expect(before).toBe(digest(historyOf(refreshed), {}, [a, fixed]))
  expect(before).not.toBe(digest(historyOf(failed)))
})

test('everything that shapes the plan is inside', () => {
  const failed = completedRow(b, { status: 'failed' })
  const digests = [
    digest(historyOf()),
    digest(historyOf(completedRow(a))),
    digest(historyOf(failed)),
    digest(historyOf({ ...failed, statementsDone: 0 })),
    digest(historyOf({ ...failed, statementsDone: 0, checksum: a.checksum })),
    digest(historyOf(), { target: '2_b' }),
    digest(historyOf(), { steps: 2 }),
    digest(historyOf(), { blocking: true }),
    digest(historyOf(), {}, [migration('1_a', { up: 'SELECT 5;' }), b]),
  ]
  expect(new Set(digests).size).toBe(digests.length)
})

test("a database's version depends on what is completed, in any order", () => {
  expect(databaseVersion([])).toBe('e3b0c44298fc1c14')
  const lines = [`10_c:${b.checksum}\n`, `1_a:${a.checksum}\n`]
  const expected = sha256Hex(lines.sort().join('')).slice(0, 16)
  const rows = [completedRow(a), completedRow(b, { id: '10_c' }), completedRow(b, { status: 'failed' })]
  expect(databaseVersion(rows)).toBe(expected)
  expect(databaseVersion([...rows].reverse())).toBe(expected)
})
