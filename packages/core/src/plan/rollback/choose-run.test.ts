import { expect, test } from 'vitest'
import { type AttemptParts, attemptsOf } from '../../../test/builders/attempt-builder.ts'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { historyOf, minute, problemsOf, stepsOf } from '../../../test/builders/history-builder.ts'
import { completedRow, migration, storedOf } from '../../../test/builders/migration-builder.ts'
import type { IdleRun } from '../history/history.ts'
import type { RollbackRequest } from '../plan/plan.ts'
import { planRollback } from './plan-rollback.ts'

const files = ['1_a', '2_b', '3_c'].map((id) => migration(id))

/**
 * Rolls back where the attempts say what is applied, and clocks say the contrary: what was applied first has
 * the latest time.
 */
function rollBack(
  request: RollbackRequest,
  parts: readonly AttemptParts[],
  more: { readonly idle?: IdleRun; readonly beyondBaseline?: readonly string[] } = {},
): readonly string[] {
  const attempts = attemptsOf(...parts)
  const rows = files.flatMap((file, place) => {
    const last = attempts.findLast(
      ({ migrationId, status }) => migrationId === file.id && status !== 'failed',
    )
    return last?.status === 'completed' ? [completedRow(file, { appliedAt: minute(50 - place) })] : []
  })
  const result = planRollback({
    graph: graphOf(...files),
    history: historyOf(...rows),
    request,
    attempts,
    stored: new Map(files.map((file) => [file.id, storedOf(file)])),
    ...more,
  })
  if (!result.ok) return problemsOf(result.error).concat(result.error.map(({ help = '' }) => help))
  return [...stepsOf(result.value), ...problemsOf(result.value.findings)]
}

const up = (migrationId: string, runId: string): AttemptParts => ({ migrationId, runId })
const failed = (migrationId: string, runId: string): AttemptParts => ({
  migrationId,
  runId,
  status: 'failed',
})
const down = (migrationId: string, runId: string): AttemptParts => ({
  migrationId,
  runId,
  status: 'rolled_back',
  direction: 'down',
})
const last = { kind: 'run', runId: 'last' } as const

test('the sequence decides what was applied last, not the clock', () => {
  const applied = [up('1_a', 'r1'), up('3_c', 'r2'), up('2_b', 'r3')]
  expect(rollBack({ kind: 'steps', count: 1 }, applied)).toEqual(['roll_back 2_b'])
  expect(rollBack({ kind: 'to', id: '1_a' }, applied)).toEqual(['roll_back 2_b', 'roll_back 3_c'])
  expect(rollBack(last, applied)).toEqual(['roll_back 2_b'])
})

test('last is refused after a run that failed at its first step, and names the run before it', () => {
  const applied = [up('1_a', 'r1'), up('2_b', 'r1'), failed('3_c', 'r2')]
  expect(rollBack(last, applied)).toEqual([
    'error TM6010: the last run, r2 of 2026-01-01 00:01 UTC by ada@laptop, applied nothing that can be rolled back',
    'the last run of up that applied something and is in force is r1 of 2026-01-01 00:01 UTC by ada@laptop; to roll that one back: tidemark down --run r1',
  ])
  expect(rollBack({ kind: 'run', runId: 'r1' }, applied)).toEqual(['roll_back 2_b', 'roll_back 1_a'])
})

test('last is refused after a run that had nothing to do, until another one applies something', () => {
  const idle = { runId: 'r9', executedBy: null, endedAt: minute(2), sequence: 1 }
  expect(rollBack(last, [up('1_a', 'r1')], { idle })[0]).toBe(
    'error TM6010: the last run, r9 of 2026-01-01 00:02 UTC, applied nothing that can be rolled back',
  )
  expect(rollBack(last, [up('1_a', 'r1'), up('2_b', 'r2')], { idle })).toEqual(['roll_back 2_b'])
})

test('last is refused after a run that only ran again what was applied, and after a redo', () => {
  expect(rollBack(last, [up('1_a', 'r1'), up('2_b', 'r2'), up('1_a', 'r3')])[0]).toContain('r3 of')
  const redone = [up('1_a', 'r1'), up('2_b', 'r2'), down('2_b', 'r3'), up('2_b', 'r3')]
  expect(rollBack(last, redone)[0]).toBe(
    'error TM6010: the last run, r3 of 2026-01-01 00:01 UTC by ada@laptop, rolled back and applied again what other runs had applied',
  )
  expect(rollBack({ kind: 'run', runId: 'r3' }, redone)).toEqual(['roll_back 2_b'])
})

test('last passes over runs that were rolled back, and runs of baseline, mark, repair and down', () => {
  const applied = [
    up('1_a', 'r1'),
    up('2_b', 'r2'),
    down('2_b', 'r3'),
    { migrationId: '3_c', runId: 'r4', direction: 'mark' } as const,
    { migrationId: '1_a', runId: 'r5', direction: 'repair' } as const,
  ]
  expect(rollBack(last, applied)).toEqual(['roll_back 1_a'])
  expect(rollBack(last, [{ migrationId: '1_a', runId: 'r1', direction: 'baseline' }])).toEqual([])
})

test('a run may be named by the beginning of its id, and an exact id wins', () => {
  const applied = [up('1_a', 'ab12'), up('2_b', 'ab1'), up('3_c', 'AC')]
  expect(rollBack({ kind: 'run', runId: 'ac' }, applied)).toEqual(['roll_back 3_c'])
  expect(rollBack({ kind: 'run', runId: 'ab1' }, applied)).toEqual(['roll_back 2_b'])
  expect(rollBack({ kind: 'run', runId: 'a' }, applied)[0]).toBe(
    'error TM6004: "a" is the beginning of 3 runs: AC, ab1, ab12',
  )
})

const baselined = [
  { migrationId: '1_a', runId: 'r1', direction: 'baseline' } as const,
  up('2_b', 'r2'),
  { migrationId: '3_c', runId: 'r3', direction: 'mark' } as const,
]
const kept = (id: string) =>
  `"${id}" was recorded without being executed on 2026-01-01 00:01 UTC, so it is not rolled back`

test('what was recorded without being executed is where steps end, and stays where everything goes', () => {
  expect(rollBack({ kind: 'steps', count: 2 }, baselined)).toEqual([
    `error TM6011: ${kept('3_c')}`,
    'their objects may be older than Tidemark; if they are to go too, name each of them: --beyond-baseline 3_c',
  ])
  expect(rollBack({ kind: 'steps', count: 2 }, baselined.slice(0, 2))).toEqual([
    'roll_back 2_b',
    `warning TM6011: ${kept('1_a')}`,
  ])
  expect(rollBack({ kind: 'all' }, baselined)).toEqual([
    'roll_back 2_b',
    'warning TM6011: "3_c" and 1 more were recorded without being executed on 2026-01-01 00:01 UTC, so they are not rolled back',
  ])
  expect(rollBack({ kind: 'to', id: '1_a' }, baselined)).toEqual([
    'roll_back 2_b',
    `warning TM6011: ${kept('3_c')}`,
  ])
  expect(rollBack({ kind: 'run', runId: 'r1' }, baselined)[0]).toBe(`error TM6011: ${kept('1_a')}`)
})

test('what is named is rolled back although it was only recorded', () => {
  const beyondBaseline = ['3_c']
  expect(rollBack({ kind: 'steps', count: 1 }, baselined, { beyondBaseline })).toEqual(['roll_back 3_c'])
  expect(rollBack({ kind: 'target', id: '3_c', dependents: 'refuse' }, baselined)).toEqual(['roll_back 3_c'])
  expect(rollBack({ kind: 'all' }, baselined, { beyondBaseline: ['1_a', '3_c'] })).toEqual([
    'roll_back 3_c',
    'roll_back 2_b',
    'roll_back 1_a',
  ])
})
