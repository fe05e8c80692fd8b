import { describe, expect, test } from 'vitest'
import { attemptsOf } from '../../test/builders/attempt-builder.ts'
import { expectOk, historyOf, minute, problemsOf, stepsOf } from '../../test/builders/history-builder.ts'
import { completedRow, migration, storedOf } from '../../test/builders/migration-builder.ts'
import { buildGraph } from '../graph/build-graph.ts'
import type { Migration } from '../migration/model/migration.ts'
import { planApply } from './apply/plan-apply.ts'
import type { History } from './history/history.ts'
import { listIdsToLoad } from './history/ids-to-load.ts'
import { classify } from './pending/classify.ts'
import type { RollbackRequest } from './plan/plan.ts'
import { planMark } from './record/plan-mark.ts'
import { planRepair } from './record/plan-repair.ts'
import { planRollback } from './rollback/plan-rollback.ts'
import { planRoundTrip, type RoundTripRequest } from './round-trip/plan-round-trip.ts'
import { chooseVerified } from './verify/choose-verified.ts'

const base = migration('1_base')
const seed = migration('2_seed', { dependsOn: ['1_base'], environments: ['development'], run: 'on_change' })
const last = migration('3_last', { dependsOn: ['1_base'] })
const files = [base, seed, last]
const applied = historyOf(
  completedRow(base, { appliedAt: minute(1), runId: 'one' }),
  completedRow(last, { appliedAt: minute(2), runId: 'one' }),
  completedRow(seed, { appliedAt: minute(3), runId: 'one' }),
)
const attempts = attemptsOf(
  { migrationId: '1_base', runId: 'one' },
  { migrationId: '3_last', runId: 'one' },
  { migrationId: '2_seed', runId: 'one' },
)
const stored = new Map(files.map((file) => [file.id, storedOf(file)]))

function graphIn(environment: string | undefined, present: readonly Migration[] = files) {
  return expectOk(buildGraph(present, { environment }))
}

function rollBack(request: RollbackRequest, environment?: string, present = files) {
  const graph = graphIn(environment, present)
  const result = planRollback({ graph, history: applied, request, stored, attempts })
  if (!result.ok) return problemsOf(result.error)
  return [...stepsOf(result.value), ...problemsOf(result.value.findings)]
}

const LEFT = 'warning TM6012: "2_seed" is for other environments and is not rolled back along with others'

test('a file for other environments is neither pending nor required, and applied where it belongs', () => {
  const steps = (environment: string | undefined) =>
    stepsOf(expectOk(planApply({ graph: graphIn(environment), history: { kind: 'absent' } })))
  expect(steps(undefined)).toEqual(['apply 1_base (pending)', 'apply 3_last (pending)'])
  expect(steps('production')).toEqual(steps(undefined))
  expect(steps('development')).toEqual([
    'apply 1_base (pending)',
    'apply 2_seed (pending)',
    'apply 3_last (pending)',
  ])
})

describe('an applied row elsewhere', () => {
  const edited = migration('2_seed', {
    dependsOn: ['1_base'],
    environments: ['development'],
    up: 'SELECT 5;',
  })

  test.each([
    ['unchanged', files],
    ['edited since', [base, edited, last]],
    ['without its file', [base, last]],
  ])('is neither orphaned nor changed: %s', (_name, present) => {
    for (const environment of [undefined, 'production']) {
      const graph = graphIn(environment, present)
      const plan = expectOk(planApply({ graph, history: applied, stored, options: { strict: true } }))
      expect([stepsOf(plan), problemsOf(plan.findings)]).toEqual([[], []])
      expect(classify({ graph, history: applied }).get('2_seed')?.kind).toBe('elsewhere')
      expect(listIdsToLoad({ graph, history: applied })).toEqual([])
      expect(planRepair({ graph, history: applied, stored, ids: [], adopt: false })).toMatchObject({
        value: { steps: [] },
      })
      expect(chooseVerified({ graph, history: applied })).toEqual({ ok: true, value: ['1_base', '3_last'] })
    }
  })

  test('is orphaned where it belongs', () => {
    const graph = graphIn('development', [base, last])
    expect(classify({ graph, history: applied }).get('2_seed')?.kind).toBe('orphaned')
  })

  test('is rolled back only by its id', () => {
    expect(rollBack({ kind: 'steps', count: 1 })).toEqual(['roll_back 3_last'])
    expect(rollBack({ kind: 'target', id: '2_seed', dependents: 'refuse' })).toEqual(['roll_back 2_seed'])
    expect(rollBack({ kind: 'to', id: '1_base' })).toEqual(['roll_back 3_last', LEFT])
    const blocked = 'error TM6002: "2_seed" is applied and depends on "1_base"'
    expect(rollBack({ kind: 'all' })).toEqual([blocked])
    expect(rollBack({ kind: 'run', runId: 'one' })).toEqual([blocked])
    expect(rollBack({ kind: 'target', id: '1_base', dependents: 'cascade' })).toEqual([
      LEFT.replace('warning', 'error'),
    ])
    expect(rollBack({ kind: 'steps', count: 1 }, 'development')).toEqual(['roll_back 2_seed'])
    expect(rollBack({ kind: 'all' }, 'development')).toHaveLength(3)
  })

  test('that stands in the way of a rollback is named with the command that takes it', () => {
    const result = planRollback({
      graph: graphIn('production'),
      history: applied,
      request: { kind: 'all' },
      stored,
      attempts,
    })
    expect(result.ok ? [] : result.error.map(({ help }) => help)).toEqual([
      'roll back what is for other environments first: tidemark down --target 2_seed',
    ])
  })

  test('stays with reset and switch, and is not done again elsewhere', () => {
    const trip = (request: RoundTripRequest, history: History = applied) => {
      const result = planRoundTrip({ graph: graphIn('production'), history, request, stored, attempts })
      return result.ok ? stepsOf(result.value) : problemsOf(result.error)
    }
    expect(trip({ action: 'switch' })).toEqual([])
    const free = historyOf(
      completedRow(base),
      completedRow(migration('2_seed', { environments: ['development'] })),
    )
    expect(trip({ action: 'reset' }, free)).toEqual([
      'roll_back 1_base',
      'apply 1_base (pending)',
      'apply 3_last (pending)',
    ])
    const redo = { kind: 'target', id: '2_seed', dependents: 'refuse' } as const
    expect(trip({ action: 'redo', rollback: redo })).toEqual([
      'error TM2007: "2_seed" is for other environments (development) than "production"',
    ])
  })
})

test('an id that is for other environments is refused by name, and may be marked as gone', () => {
  const target = planApply({ graph: graphIn(undefined), history: applied, options: { target: '2_seed' } })
  expect(target.ok ? [] : target.error).toMatchObject([
    {
      code: 'TM2007',
      message: '"2_seed" is for other environments (development) than this one, which has no name',
      help: 'name one of its environments: --env development',
    },
  ])
  const graph = graphIn('production')
  expect(planMark({ graph, history: historyOf(), ids: ['2_seed'], as: 'completed' }).ok).toBe(false)
  expect(planMark({ graph, history: applied, ids: ['2_seed'], as: 'rolled_back' }).ok).toBe(true)
})

test('a seed that changes is run again where it belongs, and nowhere else', () => {
  const changed = migration('2_seed', {
    dependsOn: ['1_base'],
    environments: ['development'],
    run: 'on_change',
    up: 'SELECT 9;',
  })
  const steps = (environment: string) =>
    stepsOf(
      expectOk(planApply({ graph: graphIn(environment, [base, changed, last]), history: applied, stored })),
    )
  expect(steps('development')).toEqual(['apply 2_seed (changed)'])
  expect(steps('production')).toEqual([])
})

test('other environments in the header of an applied file are a change of the header alone', () => {
  const once = migration('4_once', { environments: ['development'] })
  const wider = migration('4_once', { environments: ['development', 'test'] })
  const graph = graphIn('development', [wider])
  const plan = expectOk(
    planApply({
      graph,
      history: historyOf(completedRow(once)),
      stored: new Map([['4_once', storedOf(once)]]),
    }),
  )
  expect(problemsOf(plan.findings)).toEqual([
    'warning TM4001: "4_once" has changed since it was applied: header',
  ])
})
