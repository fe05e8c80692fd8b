import type { RunEvent } from '@tidemark/core'
import { expect, test } from 'vitest'
import type { LiveLine } from '../terminal/live-line.ts'
import { createPaint } from '../text/paint.ts'
import { createRunView } from './run-view.ts'

const HOLDER = {
  pid: 5522,
  applicationName: 'reports',
  user: 'ada',
  since: new Date('2026-11-22T23:08:17Z'),
  state: 'active',
  query: 'SELECT 1',
}

/**
 * Plays events, each with the moment it comes at, and gives what was written and what the live line says
 * after each.
 */
function play(events: readonly (readonly [atMs: number, event: RunEvent])[]) {
  const written: string[] = []
  const live: string[] = []
  let nowMs = 0
  let shown: Parameters<LiveLine['show']>[0] | undefined
  const view = createRunView({
    live: {
      show: (text) => {
        shown = text
      },
      hide: () => {
        shown = undefined
      },
    },
    paint: createPaint(false),
    width: 80,
    result: (line) => written.push(line),
    progress: (line) => written.push(line),
    failure: (line) => written.push(line),
    verbose: false,
    heading: () => undefined,
    describeFailure: ({ message }) => message,
    clock: () => nowMs,
  })
  for (const [atMs, event] of events) {
    nowMs = atMs
    view(event)
    live.push(shown?.(200, 1) ?? '')
  }
  return { written, live }
}

const blocked = (waitedMs: number) =>
  ({ kind: 'statement_blocked', id: '001_a', index: 0, waitedMs, blockers: [HOLDER] }) as const

test('a long wait for a table is printed once, a short one is shown only while it lasts', () => {
  expect(
    play([
      [300, blocked(300)],
      [10_000, blocked(10_000)],
      [10_100, blocked(10_100)],
    ]),
  ).toEqual({
    written: [
      ' … 001_a  statement 1 waits for a lock\n   held by pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
    ],
    live: [
      '001_a      0 ms   waits for pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
      '001_a     9.7 s   waits for pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
      '001_a     9.8 s   waits for pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
    ],
  })
})

test('another runner is named once, and the wait for it goes on in the live line', () => {
  const waiting = (waitedMs: number) =>
    ({ kind: 'lock_waiting', waitedMs, limitMs: 600_000, holder: HOLDER }) as const
  const who = 'pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1'
  expect(
    play([
      [100, waiting(0)],
      [1100, waiting(1000)],
      [1200, { kind: 'lock_acquired', waitedMs: 1100 }],
    ]),
  ).toEqual({
    written: [`waiting for another runner, 10 min at most: ${who}`],
    live: [
      `0 ms  waiting for another runner, 10 min at most: ${who}`,
      `1.0 s  waiting for another runner, 10 min at most: ${who}`,
      '',
    ],
  })
})

test('a holder that stays idle is said to be one that a pooler may keep, once and after some time', () => {
  const idle = { since: new Date('2026-03-01T23:08:20Z'), client: '10.0.0.5:41234' }
  const waiting = (waitedMs: number) =>
    ({ kind: 'lock_waiting', waitedMs, limitMs: 600_000, holder: { ...HOLDER, idle } }) as const
  const { written } = play([
    [0, waiting(0)],
    [10_000, waiting(10_000)],
    [11_000, waiting(11_000)],
  ])
  expect(written).toEqual([
    'waiting for another runner, 10 min at most: pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
    '   pid 5522 is idle for 10.0.0.5:41234 since 23:08:20Z and nothing has been recorded since\n   if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend(5522);',
  ])
})

test('a retry is printed with the number of retries and with who blocked it', () => {
  const { written } = play([
    [
      0,
      {
        kind: 'step_retry',
        id: '001_a',
        attempt: 2,
        limit: 2,
        delayMs: 323,
        sqlState: '55P03',
        blockers: [HOLDER],
      },
    ],
  ])
  expect(written).toEqual([
    ' ↻ 001_a  lock not granted (55P03), retry 2 of 2 in 323 ms\n   held by pid 5522, reports, role ada, since 23:08:17Z, running SELECT 1',
  ])
})

test('a backfill is a bar on a terminal, and a line a minute elsewhere', () => {
  const batch = (percent: number | null, leftMs: number | null): RunEvent => ({
    kind: 'batch_finished',
    id: '002_fill',
    batchRows: 4000,
    durationMs: 500,
    rowsPerSecond: 8000,
    leftMs,
    progress: {
      direction: 'up',
      table: 'orders',
      column: 'id',
      cursor: '17',
      first: '1',
      last: '99',
      rows: 12_000,
      batches: 3,
      walks: 1,
      size: 4000,
      percent,
    },
  })
  expect(
    play([
      [0, batch(42.7, 90_000)],
      [59_999, batch(50, 60_000)],
      [60_000, batch(61, 30_000)],
      [119_000, batch(99.9, 0)],
      [120_000, batch(null, null)],
    ]),
  ).toEqual({
    written: [
      '   002_fill  61 %  8000 rows/s  30.0 s left  batches of 4000',
      '   002_fill  12000 rows  8000 rows/s  batches of 4000',
    ],
    live: [
      '002_fill      0 ms   ████░░░░░░ 42 %  8000 rows/s  1 min 30 s left  batches of 4000',
      '002_fill 1 min 00 s   █████░░░░░ 50 %  8000 rows/s  1 min 00 s left  batches of 4000',
      '002_fill 1 min 00 s   ██████░░░░ 61 %  8000 rows/s  30.0 s left  batches of 4000',
      '002_fill 1 min 59 s   █████████░ 99 %  8000 rows/s  batches of 4000',
      '002_fill 2 min 00 s   12000 rows  8000 rows/s  batches of 4000',
    ],
  })
})
