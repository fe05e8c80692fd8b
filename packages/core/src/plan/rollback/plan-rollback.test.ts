import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { attemptsOf } from '../../../test/builders/attempt-builder.ts'
import { graphOf, migrationsArbitrary } from '../../../test/builders/graph-arbitrary.ts'
import {
  execute,
  expectOk,
  historyOf,
  minute,
  problemsOf,
  stepsOf,
} from '../../../test/builders/history-builder.ts'
import { batchProgress, completedRow, migration, storedOf } from '../../../test/builders/migration-builder.ts'
import type { Migration } from '../../migration/model/migration.ts'
import { planApply } from '../apply/plan-apply.ts'
import type { History, MigrationRow } from '../history/history.ts'
import type { RollbackRequest } from '../plan/plan.ts'
import { listRollbackTargets, planRollback } from './plan-rollback.ts'

const a = migration('1_a')
const b = migration('2_b', { dependsOn: ['1_a'] })
const c = migration('3_c', { dependsOn: ['1_a'] })
const d = migration('4_d', { dependsOn: ['2_b'] })
const files = [a, b, c, d]

/** Applied in the order a, c, b, d, in two runs. */
const applied = historyOf(
  completedRow(a, { appliedAt: minute(1), runId: 'first' }),
  completedRow(c, { appliedAt: minute(2), runId: 'first' }),
  completedRow(b, { appliedAt: minute(3), runId: 'second' }),
  completedRow(d, { appliedAt: minute(4), runId: 'second' }),
)

const attempts = attemptsOf(
  { migrationId: '1_a', runId: 'first' },
  { migrationId: '3_c', runId: 'first' },
  { migrationId: '2_b', runId: 'second' },
  { migrationId: '4_d', runId: 'second' },
)

function rollBack(
  request: RollbackRequest,
  history: History = applied,
  present: readonly Migration[] = files,
  stored: readonly Migration[] = files,
): readonly string[] {
  const texts = new Map(stored.map((one) => [one.id, storedOf(one)]))
  const graph = graphOf(...present)
  const known = history === applied ? { attempts } : {}
  const result = planRollback({ graph, history, request, stored: texts, ...known })
  return result.ok ? stepsOf(result.value) : problemsOf(result.error)
}

describe('choosing', () => {
  test('steps take the latest first, never something before what depends on it', () => {
    expect(rollBack({ kind: 'steps', count: 1 })).toEqual(['roll_back 4_d'])
    expect(rollBack({ kind: 'steps', count: 3 })).toEqual(['roll_back 4_d', 'roll_back 2_b', 'roll_back 3_c'])
    expect(rollBack({ kind: 'steps', count: 99 })).toEqual(rollBack({ kind: 'all' }))
    expect(() => rollBack({ kind: 'steps', count: 0.5 })).toThrow(
      new TypeError('steps must be a whole number from 1, not 0.5'),
    )
  })

  test('of migrations applied in the same millisecond the last by id comes first', () => {
    const same = historyOf(...files.map((file) => completedRow(file, { appliedAt: minute(1) })))
    expect(rollBack({ kind: 'all' }, same)).toEqual([
      'roll_back 4_d',
      'roll_back 3_c',
      'roll_back 2_b',
      'roll_back 1_a',
    ])
  })

  test('to an id is all that was applied after it and does not precede it in the graph', () => {
    expect(rollBack({ kind: 'to', id: '3_c' })).toEqual(['roll_back 4_d', 'roll_back 2_b'])
    expect(rollBack({ kind: 'to', id: '4_d' })).toEqual([])
    const aLast = historyOf(
      completedRow(a, { appliedAt: minute(9) }),
      completedRow(b, { appliedAt: minute(3) }),
      completedRow(c, { appliedAt: minute(4) }),
    )
    expect(rollBack({ kind: 'to', id: '2_b' }, aLast)).toEqual(['roll_back 3_c'])
  })

  test('a target goes alone, with its dependents, or not at all', () => {
    expect(rollBack({ kind: 'target', id: '3_c', dependents: 'refuse' })).toEqual(['roll_back 3_c'])
    expect(rollBack({ kind: 'target', id: '2_b', dependents: 'cascade' })).toEqual([
      'roll_back 4_d',
      'roll_back 2_b',
    ])
    expect(rollBack({ kind: 'target', id: '1_a', dependents: 'refuse' })).toEqual([
      'error TM6002: "2_b", "3_c" are applied and depend on "1_a"',
    ])
  })

  test('a run goes as a whole, and not if something later depends on it', () => {
    expect(rollBack({ kind: 'run', runId: 'second' })).toEqual(['roll_back 4_d', 'roll_back 2_b'])
    expect(rollBack({ kind: 'run', runId: 'last' })).toEqual(['roll_back 4_d', 'roll_back 2_b'])
    expect(rollBack({ kind: 'run', runId: 'first' })).toEqual([
      'error TM6002: "2_b" is applied and depends on "1_a"',
    ])
    expect(rollBack({ kind: 'run', runId: 'third' })).toEqual([
      'error TM6004: no applied migration belongs to the run "third"',
    ])
  })

  test('what something depends on that is partly done is refused, however it is chosen', () => {
    const half = (row: Partial<MigrationRow>) =>
      historyOf(
        completedRow(a, { appliedAt: minute(1) }),
        completedRow(c, { appliedAt: minute(2) }),
        completedRow(b, { appliedAt: null, status: 'failed', direction: 'up', ...row }),
      )
    const problem = 'error TM6002: "2_b" is partly done and depends on "1_a"'
    const walked = half({ status: 'pending', direction: null, progress: batchProgress })
    for (const history of [half({ statementsDone: 1 }), walked]) {
      expect(rollBack({ kind: 'all' }, history)).toEqual([problem])
      expect(rollBack({ kind: 'steps', count: 2 }, history)).toEqual([problem])
      expect(rollBack({ kind: 'steps', count: 1 }, history)).toEqual(['roll_back 3_c'])
      expect(rollBack({ kind: 'target', id: '1_a', dependents: 'cascade' }, history)).toEqual([problem])
    }
    const nothingDone = [half({ statementsDone: 0 }), half({ statementsDone: null })]
    for (const history of nothingDone) {
      expect(rollBack({ kind: 'all' }, history)).toEqual(['roll_back 3_c', 'roll_back 1_a'])
    }
  })

  test('what is not applied, or unknown, is refused', () => {
    const history = historyOf(completedRow(a))
    expect(rollBack({ kind: 'to', id: '2_b' }, history)).toEqual(['error TM6003: "2_b" is not applied'])
    expect(rollBack({ kind: 'target', id: 'nobody', dependents: 'refuse' }, history)).toEqual([
      'error TM2007: no migration has the id "nobody"',
    ])
    expect(rollBack({ kind: 'all' }, { kind: 'absent' })).toEqual([])
  })
})

describe('what can be rolled back', () => {
  test('all irreversible targets are reported before the first one runs', () => {
    const one = migration('1_a', { down: null })
    const two = migration('2_b', { dependsOn: ['1_a'], down: '-- nothing' })
    const three = migration('3_c', { dependsOn: ['2_b'] })
    const history = historyOf(...[one, two, three].map((file) => completedRow(file)))
    expect(rollBack({ kind: 'all' }, history, [one, two, three], [one, two, three])).toEqual([
      'error TM6001: "2_b" is irreversible: no @down was stored with it',
      'error TM6001: "1_a" is irreversible: no @down was stored with it',
    ])
    expect(rollBack({ kind: 'all' }, history, [one, two, three], [])).toEqual([
      'error TM6006: no SQL is stored for "3_c"',
      'error TM6001: "2_b" is irreversible: no @down was stored with it',
      'error TM6001: "1_a" is irreversible: no @down was stored with it',
    ])
  })

  test('a merge point is always reversible', () => {
    const merge = migration('5_merge', { dependsOn: ['3_c', '4_d'], tags: ['merge'], up: '', down: null })
    const history = historyOf(completedRow(a), completedRow(merge, { reversible: false }))
    const request = { kind: 'steps', count: 1 } as const
    expect(rollBack(request, history, [...files, merge], [merge])).toEqual(['roll_back 5_merge'])
    expect(rollBack(request, history, [a], [merge])).toEqual(['roll_back 5_merge'])
  })

  test('the stored SQL and edges count, so files that are gone or changed do not matter', () => {
    const changed = migration('4_d', { down: null })
    expect(rollBack({ kind: 'all' }, applied, [a, changed])).toEqual([
      'roll_back 4_d',
      'roll_back 2_b',
      'roll_back 3_c',
      'roll_back 1_a',
    ])
    expect(rollBack({ kind: 'target', id: '2_b', dependents: 'refuse' }, applied, [a, changed])).toEqual([
      'error TM6002: "4_d" is applied and depends on "2_b"',
    ])
  })

  test('from the files, what the file says counts', () => {
    const changed = migration('4_d', { dependsOn: ['2_b'], down: 'SELECT 44;' })
    const graph = graphOf(a, b, changed)
    const request = { kind: 'steps', count: 1 } as const
    const plan = expectOk(planRollback({ graph, history: applied, request, source: 'files' }))
    expect(plan.steps).toEqual([{ kind: 'roll_back', id: '4_d', stored: storedOf(changed), resumeAt: 0 }])
    expect(plan.request).toEqual({ action: 'roll_back', rollback: request, source: 'files' })
    const gone = planRollback({ graph: graphOf(a), history: applied, request, source: 'files' })
    expect(gone.ok || problemsOf(gone.error)).toEqual([
      'error TM6006: the file of "4_d" is missing, so its @down cannot be read',
    ])
    const irreversible = graphOf(a, b, migration('4_d', { down: null }))
    const refused = planRollback({ graph: irreversible, history: applied, request, source: 'files' })
    expect(refused.ok || problemsOf(refused.error)).toEqual([
      'error TM6001: "4_d" is irreversible: its file has no @down',
    ])
  })

  test('rows that a squash set aside are no targets, the squash is', () => {
    const squash = migration('9_squash', { replaces: ['1_a', '2_b'] })
    const history = historyOf(
      completedRow(a, { replacedBy: '9_squash', appliedAt: minute(1) }),
      completedRow(b, { replacedBy: '9_squash', appliedAt: minute(2) }),
      completedRow(squash, { appliedAt: minute(3) }),
      completedRow(d, { appliedAt: minute(4) }),
    )
    const present = [squash, d]
    const stored = [squash, d]
    expect(rollBack({ kind: 'all' }, history, present, stored)).toEqual([
      'roll_back 4_d',
      'roll_back 9_squash',
    ])
    expect(rollBack({ kind: 'target', id: '1_a', dependents: 'cascade' }, history, present, stored)).toEqual([
      'error TM6005: "1_a" is part of the squash "9_squash" and cannot be rolled back on its own',
    ])
    expect(
      rollBack({ kind: 'target', id: '9_squash', dependents: 'refuse' }, history, present, stored),
    ).toEqual(['error TM6002: "4_d" is applied and depends on "9_squash"'])
  })

  test('a rollback without a transaction that stopped goes on where it stopped', () => {
    const slow = migration('1_a', { transaction: 'none', down: 'SELECT 1;\nSELECT 2;' })
    const row = completedRow(slow, { status: 'failed', direction: 'down', statementsDone: 1 })
    expect(rollBack({ kind: 'steps', count: 1 }, historyOf(row), [slow], [slow])).toEqual([
      'roll_back 1_a at 1',
    ])
  })

  test('a rollback that did not finish comes before what was applied later', () => {
    const slow = migration('1_a', { transaction: 'none' })
    const history = historyOf(
      completedRow(slow, { status: 'failed', direction: 'down', statementsDone: 0, appliedAt: minute(1) }),
      completedRow(b, { dependsOn: [], appliedAt: minute(2) }),
    )
    expect(rollBack({ kind: 'all' }, history, [slow, b], [slow, b])).toEqual([
      'roll_back 1_a',
      'roll_back 2_b',
    ])
  })

  test('edges that go in a circle after edits by hand yield to the time of applying', () => {
    const history = historyOf(
      completedRow(a, { dependsOn: ['2_b'], appliedAt: minute(1) }),
      completedRow(b, { appliedAt: minute(2) }),
    )
    expect(rollBack({ kind: 'all' }, history)).toEqual(['roll_back 2_b', 'roll_back 1_a'])
  })
})

describe('over random graphs', () => {
  const worlds = migrationsArbitrary().map((all) => {
    const graph = graphOf(...all)
    const history = execute(
      { kind: 'absent' },
      expectOk(planApply({ graph, history: { kind: 'absent' } })),
      0,
    )
    return { graph, history, stored: new Map(all.map((one) => [one.id, storedOf(one)])) }
  })
  const requests = fc.oneof(
    fc.record({ kind: fc.constant('steps' as const), count: fc.integer({ min: 1, max: 9 }) }),
    fc.record({ kind: fc.constant('all' as const) }),
    fc.record({ kind: fc.constant('to' as const), pick: fc.nat() }),
    fc.record({
      kind: fc.constant('target' as const),
      pick: fc.nat(),
      dependents: fc.constant('cascade' as const),
    }),
  )

  test('what was only recorded is never rolled back, whatever clocks say and whatever is asked for by number', () => {
    fc.assert(
      fc.property(
        worlds,
        requests,
        fc.infiniteStream(fc.boolean()),
        ({ graph, history, stored }, wish, coins) => {
          const ids = graph.nodes.map((node) => node.migration.id)
          if (ids.length === 0 || wish.kind === 'target') return
          const request = 'pick' in wish ? { ...wish, id: ids[wish.pick % ids.length] ?? '' } : wish
          const recorded = new Set(ids.filter(() => coins.next().value))
          const attempts = attemptsOf(
            ...ids.map((migrationId) => ({
              migrationId,
              direction: recorded.has(migrationId) ? ('baseline' as const) : ('up' as const),
            })),
          )
          const plan = planRollback({ graph, history, stored, request, attempts })
          if (!plan.ok) expect(problemsOf(plan.error)[0]).toMatch(/^error TM6011/)
          if (!plan.ok) return
          const gone = plan.value.steps.map((step) => step.id)
          expect(gone.filter((id) => recorded.has(id))).toEqual([])
          if (request.kind === 'steps') expect(gone).toEqual([...ids].reverse().slice(0, gone.length))
        },
      ),
    )
  })

  test('dependents go first, and applying again gives the same set', () => {
    fc.assert(
      fc.property(worlds, requests, ({ graph, history, stored }, wish) => {
        const ids = graph.nodes.map((node) => node.migration.id)
        if (ids.length === 0) return
        const request = 'pick' in wish ? { ...wish, id: ids[wish.pick % ids.length] ?? '' } : wish
        const plan = expectOk(planRollback({ graph, history, stored, request }))
        const gone = new Set<string>()
        for (const step of plan.steps) {
          const dependents = graph.nodes.filter((node) => node.migration.header.dependsOn.includes(step.id))
          expect(dependents.filter((node) => !gone.has(node.migration.id))).toEqual([])
          gone.add(step.id)
        }
        expect(expectOk(listRollbackTargets({ graph, history, request }))).toEqual([...gone])
        const back = execute(history, plan)
        const again = expectOk(planApply({ graph, history: back }))
        expect(new Set(again.steps.map((step) => step.id))).toEqual(gone)
        expect(expectOk(planApply({ graph, history: execute(back, again) })).steps).toEqual([])
      }),
    )
  })
})
