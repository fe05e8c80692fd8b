import { expect, test } from 'vitest'
import { describeHolder } from './describe-holder.ts'

test('a statement that ends with a semicolon does not double it', () => {
  const holder = { pid: 4711, applicationName: 'psql', user: 'ada', since: null, state: 'active' }
  expect(describeHolder({ ...holder, query: 'BEGIN; SELECT 1;\n' })).toBe(
    'pid 4711 (psql, role ada, active), last statement: BEGIN; SELECT 1; to end it: SELECT pg_terminate_backend(4711);',
  )
})

test('a session that is idle may be one that a pooler keeps for a runner that is gone', () => {
  const holder = {
    pid: 4711,
    applicationName: 'tidemark ci/1',
    user: 'app',
    since: null,
    state: 'idle',
    query: null,
  }
  const idle = { since: new Date('2026-03-01T10:00:00Z'), client: '10.0.0.5:41234' }
  expect(describeHolder({ ...holder, idle })).toBe(
    'pid 4711 (tidemark ci/1, role app, idle); it is idle for 10.0.0.5:41234 since 2026-03-01T10:00:00.000Z and nothing has been recorded since: if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend(4711);',
  )
})

test.each([
  [
    { other: { kind: 'autovacuum' }, query: 'autovacuum: VACUUM public.a (to prevent wraparound)' } as const,
    'pid 4711 (autovacuum), last statement: autovacuum: VACUUM public.a (to prevent wraparound); let it end, or end it with SELECT pg_terminate_backend(4711); (an autovacuum to prevent wraparound starts again)',
  ],
  [
    { other: { kind: 'server_process' }, query: null } as const,
    'pid 4711 (a process of the server itself, such as autovacuum); let it end, or end it with SELECT pg_terminate_backend(4711); (an autovacuum to prevent wraparound starts again)',
  ],
])('a process of the server: %j', (own, text) => {
  const holder = { pid: 4711, applicationName: '', user: null, since: null, state: null }
  expect(describeHolder({ ...holder, ...own })).toBe(text)
})
