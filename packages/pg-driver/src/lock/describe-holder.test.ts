import { expect, test } from 'vitest'
import { describeHolder } from './describe-holder.ts'

test('a statement that ends with a semicolon does not double it', () => {
  const holder = { pid: 4711, applicationName: 'psql', user: 'ada', since: null, state: 'active' }
  expect(describeHolder({ ...holder, query: 'BEGIN; SELECT 1;\n' })).toBe(
    'pid 4711 (psql, role ada, active), last statement: BEGIN; SELECT 1; to end it: SELECT pg_terminate_backend(4711);',
  )
})
