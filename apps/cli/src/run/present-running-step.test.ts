import type { RunEvent } from '@tidemark/core'
import { expect, test } from 'vitest'
import { noteRunning, presentRunningStep, type RunningStep } from './present-running-step.ts'

const SPAN = { start: 0, end: 0 }
const started = (index: number, count: number, summary: string): RunEvent => ({
  kind: 'statement_started',
  id: '040_index',
  index,
  count,
  span: SPAN,
  summary,
})
const progress = (numbers: Pick<Progress, 'phase' | 'done' | 'total' | 'unit'>): RunEvent => ({
  kind: 'statement_progress',
  id: '040_index',
  index: 1,
  ...numbers,
})
type Progress = Extract<RunEvent, { readonly kind: 'statement_progress' }>

const HOLDER = {
  pid: 5522,
  applicationName: 'reports',
  user: 'ada',
  since: new Date('2026-11-22T23:08:17Z'),
  state: 'active',
  query: 'SELECT count(*)\n  FROM t',
}

/** What the line says after these events, each with the moment it came at. */
function after(
  events: readonly (readonly [atMs: number, event: RunEvent])[],
  nowMs: number,
  width = 76,
): string {
  let running: RunningStep | undefined
  for (const [atMs, event] of events) running = noteRunning(running, event, atMs)
  return running === undefined ? '' : presentRunningStep(running, { nowMs, idWidth: 12, width })
}

test('the time is that of the step, in the column of finished steps, and is never cut', () => {
  const long = started(1, 2, `CREATE INDEX CONCURRENTLY ${'a'.repeat(200)}`)
  const events = [
    [1000, started(0, 2, 'SET x = 1')],
    [2000, long],
  ] as const
  expect(after(events, 2400)).toBe(
    '040_index        1.4 s   statement 2 of 2  CREATE INDEX CONCURRENTLY aaaaaa…',
  )
  expect(after(events, 2400, 36)).toBe('040_index     1.4 s   statement 2 o…')
  expect(after(events, 2400, 20)).toBe('040_index     1.4 s…')
})

test('an id that is too long gives way to the time and to what is done', () => {
  const id = `20240101000000_${'x'.repeat(80)}`
  const event = { ...started(0, 1, 'SELECT 1'), id } as RunEvent
  expect(after([[0, event]], 12)).toBe(
    '20240101000000_xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…     12 ms   statement 1 of …',
  )
})

test('progress shows the phase, a percentage, and of data the bytes', () => {
  const first = [0, started(1, 2, 'CREATE INDEX i ON t (a)')] as const
  const shown = (numbers: Parameters<typeof progress>[0]) => after([first, [500, progress(numbers)]], 1500)
  expect(shown({ phase: 'building index', done: 7, total: 9, unit: 'blocks' })).toBe(
    '040_index        1.5 s   statement 2 of 2  building index  77 %',
  )
  expect(shown({ phase: 'sending', done: 5_242_880, total: 99_777_832, unit: 'bytes' })).toBe(
    '040_index        1.5 s   statement 2 of 2  sending  5 %  5.0 MiB of 95.2 MiB',
  )
  expect(shown({ phase: 'waiting for writers', done: 0, total: 2, unit: 'lockers' })).toBe(
    '040_index        1.5 s   statement 2 of 2  waiting for writers  0 of 2',
  )
  expect(shown({ phase: 'initializing', done: 0, total: 0, unit: 'blocks' })).toBe(
    '040_index        1.5 s   statement 2 of 2  initializing',
  )
})

test('who blocks a statement is shown in its place as long as it blocks', () => {
  const events = [
    [0, started(0, 1, 'ALTER TABLE t ADD b int')],
    [300, { kind: 'statement_blocked', id: '040_index', index: 0, waitedMs: 300, blockers: [HOLDER] }],
  ] as const
  expect(after(events, 400, 200)).toBe(
    '040_index       400 ms   statement 1 of 1  waits for pid 5522, reports, role ada, since 23:08:17Z, running SELECT count(*) FROM t',
  )
  expect(after(events, 1400)).toBe('040_index        1.4 s   statement 1 of 1  ALTER TABLE t ADD b int')
})

test('a retry is counted down, and its time goes on', () => {
  const retry = {
    kind: 'step_retry',
    id: '040_index',
    attempt: 2,
    limit: 10,
    delayMs: 3200,
    sqlState: '55P03',
    blockers: [HOLDER],
  } as const
  const events = [
    [0, started(0, 1, 'ALTER TABLE t ADD b int')],
    [5000, retry],
  ] as const
  const again = [8200, started(0, 1, 'ALTER TABLE t ADD b int')] as const
  expect(after(events, 6000)).toBe(
    '040_index        6.0 s   retry 2 of 10 in 2.2 s: lock not granted (55P03)',
  )
  expect(after(events, 9000)).toBe('040_index        9.0 s   retry 2 of 10 in 0 ms: lock not granted (55P03)')
  expect(after([...events, again], 8300)).toBe(
    '040_index        8.3 s   statement 1 of 1  ALTER TABLE t ADD b int',
  )
})

test('nothing runs once a step is done, nor after the run', () => {
  const end = { kind: 'run_finished', done: [], failed: [], durationMs: 1 } as const
  expect(
    after(
      [
        [0, started(0, 1, 'SELECT 1')],
        [1, end],
      ],
      2,
    ),
  ).toBe('')
})
