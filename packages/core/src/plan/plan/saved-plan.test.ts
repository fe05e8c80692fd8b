import { expect, test } from 'vitest'
import { graphOf } from '../../../test/builders/graph-arbitrary.ts'
import { expectOk, historyOf, problemsOf } from '../../../test/builders/history-builder.ts'
import { completedRow, migration } from '../../../test/builders/migration-builder.ts'
import { formatDiagnostic } from '../../diagnostic/format-diagnostic.ts'
import type { Migration } from '../../migration/model/migration.ts'
import { planApply } from '../apply/plan-apply.ts'
import type { History } from '../history/history.ts'
import { planRollback } from '../rollback/plan-rollback.ts'
import { comparePlans } from './compare-plans.ts'
import { parseSavedPlan } from './parse-saved-plan.ts'
import type { MigrationPlan, PlanTarget } from './plan.ts'
import { savePlan } from './saved-plan.ts'

const target: PlanTarget = {
  host: 'db.example',
  port: 5432,
  database: 'shop',
  user: 'app',
  schema: 'public',
  systemIdentifier: '7',
}
const a = migration('1_a')
const b = migration('2_b', { dependsOn: ['1_a'] })
const c = migration('3_c', { dependsOn: ['1_a'] })

function plan(files: readonly Migration[], history: History = historyOf(completedRow(a))): MigrationPlan {
  return expectOk(planApply({ graph: graphOf(...files), history }))
}

function compare(now: MigrationPlan, other: PlanTarget = target, targets: 'same' | 'any' = 'same') {
  return problemsOf(comparePlans(savePlan(plan([a, b, c]), target), { plan: now, target: other, targets }))
}

test('a saved plan is the document that was written, and is read back', () => {
  const saved = savePlan(plan([a, b]), target)
  expect(saved).toEqual({
    formatVersion: 1,
    digest: plan([a, b]).digest,
    target,
    request: { action: 'apply' },
    steps: [{ action: 'apply', id: '2_b', checksum: b.checksum }],
    rows: [{ id: '1_a', status: 'completed', checksum: a.checksum, statementsDone: null }],
  })
  expect(parseSavedPlan(JSON.stringify(saved), 'plan.json')).toEqual({ ok: true, value: saved })
})

test('plans of every request are read back', () => {
  const graph = graphOf(a, b)
  const history = historyOf(completedRow(a))
  const options = { target: '2_b', steps: 1, tags: [], blocking: true, rerun: [] }
  const up = savePlan(expectOk(planApply({ graph, history, options })), target)
  expect(parseSavedPlan(JSON.stringify(up), 'p')).toEqual({ ok: true, value: up })
  const request = { kind: 'target', id: '1_a', dependents: 'cascade' } as const
  const down = savePlan(expectOk(planRollback({ graph, history, request, source: 'files' })), target)
  expect(down.steps).toEqual([{ action: 'roll_back', id: '1_a', checksum: a.checksum }])
  expect(parseSavedPlan(JSON.stringify(down), 'p')).toEqual({ ok: true, value: down })
})

test('what is not a saved plan is reported as such, with its place', () => {
  const tell = (text: string) => {
    const result = parseSavedPlan(text, 'plan.json')
    return result.ok ? [] : problemsOf(result.error)
  }
  expect(tell('{')).toEqual(['error TM4008: the saved plan is not valid JSON'])
  expect(tell('[]')).toEqual(['error TM4008: the saved plan has no format version'])
  expect(tell('{"formatVersion":2}')).toEqual([
    'error TM4008: the saved plan has the format version 2, not 1',
  ])
  const saved = savePlan(plan([a, b]), target)
  expect(tell(JSON.stringify({ ...saved, digest: 'x', target: { ...target, port: 'high' } }))).toEqual([
    'error TM4008: the saved plan is invalid at "digest": invalid string: must match pattern /^[0-9a-f]{64}$/',
    'error TM4008: the saved plan is invalid at "target.port": invalid input: expected number, received string',
  ])
})

test('I10: a saved plan that was edited by hand is refused, whatever was edited', () => {
  const saved = savePlan(plan([a, b, c]), target)
  const [first, second] = saved.steps
  if (first === undefined || second === undefined) throw new TypeError('there are two steps')
  const edits = [
    { steps: [first] },
    { steps: [second, first] },
    { steps: [{ ...first, checksum: c.checksum }, second] },
    { request: { action: 'apply', steps: 1 } as const },
    { rows: [] },
    { digest: '0'.repeat(64) },
  ]
  for (const edit of edits) {
    expect(
      comparePlans({ ...saved, ...edit }, { plan: plan([a, b, c]), target, targets: 'same' }),
    ).not.toEqual([])
    const read = parseSavedPlan(JSON.stringify({ ...saved, ...edit }), 'plan.json')
    expect(read.ok ? read.value : problemsOf(read.error)).toEqual([
      'error TM4008: the saved plan was edited: its digest does not match its contents',
    ])
  }
})

test('I10: a plan that still holds may be executed', () => {
  expect(compare(plan([c, b, a]))).toEqual([])
})

test('I10: each thing that has changed is reported', () => {
  const edited = migration('2_b', { dependsOn: ['1_a'], up: 'SELECT 2;' })
  const late = migration('4_d')
  expect(compare(plan([a, edited, c, late]))).toEqual([
    'error TM4006: the saved plan is stale: the file of "2_b" has changed',
    'error TM4006: the saved plan is stale: "4_d" is a new step',
  ])
  expect(compare(plan([a, b, c], historyOf(completedRow(a), completedRow(b))))).toEqual([
    'error TM4006: the saved plan is stale: "2_b" was not in the database and is completed now',
    'error TM4006: the saved plan is stale: "2_b" is no longer a step',
  ])
  expect(compare(plan([a, b, c], historyOf()))).toEqual([
    'error TM4006: the saved plan is stale: "1_a" was completed and is pending now',
    'error TM4006: the saved plan is stale: "1_a" is a new step',
  ])
  const swapped = migration('2_b', { dependsOn: ['3_c'] })
  const unchanged = { ...swapped, checksum: b.checksum }
  expect(compare(plan([a, unchanged, c]))).toEqual([
    'error TM4006: the saved plan is stale: the order of the steps has changed',
  ])
  const moved = comparePlans(savePlan(plan([a, b]), target), { plan: plan([a]), target, targets: 'same' })
  expect(moved.map((problem) => formatDiagnostic(problem))).toEqual([
    'error TM4006: the saved plan is stale: "2_b" is no longer a step\nhelp: make a new plan and review it: tidemark plan --out plan.json',
  ])
})

test('rows that changed are reported with what changed', () => {
  const before = plan([a, b], historyOf(completedRow(a, { status: 'failed', statementsDone: 1 })))
  const saved = savePlan({ ...before, digest: '0'.repeat(64) }, target)
  const tell = (row: ReturnType<typeof completedRow>) =>
    comparePlans(saved, { plan: { ...before, basis: [row] }, target, targets: 'same' }).map(
      (one) => one.message,
    )
  const row = completedRow(a, { status: 'failed', statementsDone: 1 })
  expect(tell({ ...row, status: 'completed' })).toEqual([
    'the saved plan is stale: "1_a" was failed and is completed now',
  ])
  expect(tell({ ...row, checksum: 'f'.repeat(64) })).toEqual([
    'the saved plan is stale: the database has other SQL stored for "1_a"',
  ])
  expect(tell({ ...row, statementsDone: 2 })).toEqual([
    'the saved plan is stale: "1_a" had 1 statements done and has 2 now',
  ])
  expect(tell(row)).toEqual(['the saved plan is stale: the requested options differ'])
})

test('a plan is for one database, whatever its server is called, unless any will do', () => {
  const now = plan([a, b, c])
  expect(compare(now, { ...target, host: 'pooler.example', port: 6543, user: 'root' })).toEqual([])
  const other = { ...target, systemIdentifier: '8' }
  expect(compare(now, other)).toEqual([
    'error TM4007: the plan is for "db.example:5432/shop", schema "public", but this is "db.example:5432/shop", schema "public"',
  ])
  expect(compare(now, other, 'any')).toEqual([])
  expect(compare(now, { ...target, database: 'staging' }).length).toBe(1)
  expect(compare(now, { ...target, schema: 'tidemark' }).length).toBe(1)
  expect(compare(now, { ...target, systemIdentifier: null })).toEqual([])
  expect(compare(now, { ...target, systemIdentifier: null, port: null })).toEqual([
    'error TM4007: the plan is for "db.example:5432/shop", schema "public", but this is "db.example/shop", schema "public"',
  ])
})

test('a plan is for the search path that its SQL lands in, and what has moved elsewhere is not told', () => {
  const tenant = (name: string) => ({ ...target, searchPath: [name, 'public'] })
  const saved = savePlan(plan([a, b]), tenant('tenant_a'))
  expect(parseSavedPlan(JSON.stringify(saved), 'plan.json')).toEqual({ ok: true, value: saved })
  const tell = (now: PlanTarget, steps = [a, b], targets: 'same' | 'any' = 'same') =>
    comparePlans(saved, { plan: plan(steps), target: now, targets }).map(({ message }) => message)
  expect(tell(tenant('tenant_a'))).toEqual([])
  const named = 'the plan is for "db.example:5432/shop", schema "public", search path "tenant_a", "public"'
  const shop = 'but this is "db.example:5432/shop", schema "public"'
  expect(tell(tenant('tenant_b'), [a])).toEqual([`${named}, ${shop}, search path "tenant_b", "public"`])
  expect(tell(target)).toEqual([`${named}, ${shop}`])
  expect(tell(tenant('tenant_b'), [a, b], 'any')).toEqual([])
})

const MARK = {
  fingerprint: 'f1',
  role: 'app',
  reading: 'r1',
  recordedAt: new Date('2026-11-30T09:00:00.000Z'),
}
const REHEARSAL = {
  catalog: { ...MARK, recordedAt: MARK.recordedAt.toISOString(), scope: {} },
  baseMs: { '2_b': 12.5 },
  report: { findings: [] },
}

test('a plan that was rehearsed is for the schema that it was rehearsed for', () => {
  const own = plan([a, b])
  const saved = savePlan(own, target, REHEARSAL)
  expect(parseSavedPlan(JSON.stringify(saved), 'p')).toEqual({ ok: true, value: saved })
  const tell = (catalog: typeof MARK | undefined) =>
    problemsOf(comparePlans(saved, { plan: own, target, targets: 'any', catalog }))
  expect(tell(MARK)).toEqual([])
  expect(tell({ ...MARK, role: 'other', reading: 'r2' })).toEqual([])
  expect(tell({ ...MARK, fingerprint: 'f2' })).toEqual([
    'error TM4014: the schema of the database has changed since it was rehearsed, at 2026-11-30T09:00:00.000Z',
  ])
  expect(tell({ ...MARK, fingerprint: 'f2', role: 'other' })).toEqual([
    'error TM4014: the schema has changed since it was rehearsed, at 2026-11-30T09:00:00.000Z, or the role "other" sees another one than "app" did',
  ])
  expect(tell({ ...MARK, fingerprint: 'f2', reading: 'r2' })).toEqual([
    'error TM4014: the schema cannot be compared with the rehearsed one: the server or Tidemark was updated since it was rehearsed, at 2026-11-30T09:00:00.000Z',
  ])
  expect(tell(undefined)).toEqual([
    'error TM4014: the schema cannot be compared with the one that was rehearsed, at 2026-11-30T09:00:00.000Z',
  ])
})

test('a rehearsal that was edited, or moved to another plan, is refused', () => {
  const saved = savePlan(plan([a, b]), target, REHEARSAL)
  const { rehearsal } = saved
  for (const edited of [
    { ...saved, rehearsal: { ...rehearsal, report: { findings: [1] } } },
    { ...saved, rehearsal: { ...rehearsal, baseMs: {} } },
    { ...saved, rehearsal: { ...rehearsal, catalog: { ...rehearsal?.catalog, fingerprint: 'f2' } } },
    { ...savePlan(plan([a, b, c]), target), rehearsal },
  ]) {
    expect(parseSavedPlan(JSON.stringify(edited), 'p')).toMatchObject({
      ok: false,
      error: [{ code: 'TM4008' }],
    })
  }
})

test('what checks showed is no part of the plan, and is not moved to another plan or edited', () => {
  const downVerdict = { verdict: 'loses_data', details: ['all rows of t are gone'] } as const
  const saved = savePlan(plan([a, { ...b, downVerdict }]), target)
  expect(saved.digest).toBe(savePlan(plan([a, b]), target).digest)
  expect(saved.downVerdicts?.migrations).toEqual({ '2_b': downVerdict })
  expect(expectOk(parseSavedPlan(JSON.stringify(saved), 'plan.json'))).toEqual(saved)
  const codesOf = (text: string) => {
    const parsed = parseSavedPlan(text, 'plan.json')
    return parsed.ok ? [] : parsed.error.map(({ code }) => code)
  }
  expect(codesOf(JSON.stringify(saved).replace('loses_data', 'exact'))).toEqual(['TM4008'])
  const other = savePlan(plan([a, b, c]), target)
  expect(codesOf(JSON.stringify({ ...other, downVerdicts: saved.downVerdicts }))).toEqual(['TM4008'])
})
