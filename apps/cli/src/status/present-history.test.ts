import { expect, test } from 'vitest'
import type { HistoryJson } from '../schema/run-schemas.ts'
import { createPaint } from '../text/paint.ts'
import { presentHistory } from './present-history.ts'

const target = { host: 'db', port: 5432, database: 'shop', user: 'app', schema: 'public' }
const attempt: HistoryJson['attempts'][number] = {
  migrationId: '001_users',
  executedAt: '2026-11-30T15:07:31.000Z',
  status: 'completed',
  direction: 'up',
  executionTimeMs: 338,
  executedBy: 'ada@laptop',
  runId: '4e2c9e43-0000-4000-8000-000000000000',
  error: null,
  reason: null,
  statements: [
    { statement: 3, durationMs: 115 },
    { statement: 2, durationMs: 218 },
  ],
  lockWaits: [],
  retries: [],
  backup: null,
}

const present = (depth: 'brief' | 'full', width: number, changes: Partial<typeof attempt> = {}) =>
  presentHistory(
    { target, attempts: [{ ...attempt, ...changes }] },
    { paint: createPaint(false), width, depth },
  )
    .split('\n')
    .slice(2)

test('the times below an attempt add up to its own', () => {
  expect(present('full', 100)).toEqual([
    ' ✓  2026-11-30 15:07:31Z  4e2c9e43  up  001_users  338 ms  ada@laptop',
    '      statement 2  218 ms',
    '      statement 3  115 ms',
    '      statements below 10 ms, records and COMMIT  5 ms',
  ])
})

test('no rest is named where nothing is left, or no statement was recorded', () => {
  expect(present('full', 100, { executionTimeMs: 333 })).toHaveLength(3)
  expect(present('full', 100, { statements: [] })).toHaveLength(1)
})

test('a narrow terminal keeps the time of an attempt, and loses its run first', () => {
  expect(present('brief', 60, { migrationId: '001_create_customers' })).toEqual([
    ' ✓  2026-11-30 15:07:31Z  up  001_create_customers  ada@lap…',
  ])
})
