import { expect, test } from 'vitest'
import { migration } from '../../test/builders/migration-builder.ts'
import type { PlanStep } from '../plan/plan/plan.ts'
import type { RunEvent } from '../ports/run-events.ts'
import { measureAttempts } from './measure-attempts.ts'

const own = migration('1_a', { up: 'SELECT 1; SELECT 2;', verify: 'SELECT true;' })
const step: PlanStep = { kind: 'apply', id: '1_a', migration: own, reason: 'pending', resumeAt: 0 }
const holder = {
  pid: 7,
  applicationName: 'app',
  user: 'ada',
  since: null,
  state: null,
  query: 'SELECT secret',
}
const started = (attempt: number): RunEvent => ({ kind: 'step_started', step, index: 0, count: 1, attempt })
const finished = (index: number, durationMs: number): RunEvent => ({
  kind: 'statement_finished',
  id: '1_a',
  index,
  count: 3,
  durationMs,
})

function measure(...events: readonly RunEvent[]) {
  const measuring = measureAttempts()
  events.forEach(measuring.onEvent)
  return measuring.list()
}

test('what is quick leaves no trace', () => {
  expect(measure(started(1), finished(0, 9.9), finished(1, 1))).toEqual([])
})

test('slow statements and queries of verify are kept by their place', () => {
  expect(measure(started(1), finished(0, 10), finished(1, 2), finished(2, 1234.5))).toEqual([
    {
      id: '1_a',
      direction: 'up',
      details: {
        statements: [
          { statement: 1, durationMs: 10 },
          { verify: 1, durationMs: 1235 },
        ],
      },
    },
  ])
})

test('lock waits and retries are kept with who held the lock, without what it ran', () => {
  const blocked = (waitedMs: number): RunEvent => ({
    kind: 'statement_blocked',
    id: '1_a',
    index: 1,
    waitedMs,
    blockers: [holder],
  })
  const retry: RunEvent = {
    kind: 'step_retry',
    id: '1_a',
    attempt: 1,
    limit: 10,
    delayMs: 250.4,
    sqlState: '55P03',
    blockers: [holder],
  }
  const names = [{ pid: 7, applicationName: 'app', user: 'ada' }]
  expect(
    measure(started(1), finished(0, 50), blocked(100), blocked(200), retry, started(2), finished(0, 60)),
  ).toEqual([
    {
      id: '1_a',
      direction: 'up',
      details: {
        statements: [{ statement: 1, durationMs: 60 }],
        lockWaits: [{ statement: 2, waitedMs: 200, blockers: names }],
        retries: [{ attempt: 1, sqlState: '55P03', delayMs: 250, blockers: names }],
      },
    },
  ])
})

test('going down and up in one run are two attempts, and of many statements the slowest are kept', () => {
  const down: PlanStep = {
    kind: 'roll_back',
    id: '1_a',
    resumeAt: 0,
    stored: { id: '1_a', checksum: '', upSql: '', downSql: '', verifySql: null, header: own.header },
  }
  const measured = measure(
    { kind: 'step_started', step: down, index: 0, count: 2, attempt: 1 },
    ...Array.from({ length: 60 }, (_, index) => finished(index, 10 + index)),
    started(1),
    finished(0, 20),
  )
  expect(measured.map(({ direction, details }) => [direction, details['statements']])).toEqual([
    ['down', Array.from({ length: 50 }, (_, index) => ({ statement: index + 11, durationMs: index + 20 }))],
    ['up', [{ statement: 1, durationMs: 20 }]],
  ])
})
