import type { FleetEvent, TargetOutcome } from '@tidemark/fleet'
import { expect, test } from 'vitest'
import type { LiveLine } from '../terminal/live-line.ts'
import { createPaint } from '../text/paint.ts'
import { watchRollout } from './watch-rollout.ts'

function openView(place: 'terminal' | 'pipe') {
  const written: string[] = []
  let shown: Parameters<LiveLine['show']>[0] | undefined
  const live: LiveLine = {
    show: (text) => {
      shown = text
    },
    hide: () => {
      shown = undefined
    },
  }
  const watch = watchRollout({
    live: place === 'terminal' ? live : undefined,
    paint: createPaint(false),
    line: (line) => written.push(line),
    clock: () => 0,
  })
  const screen = (width: number, height: number) => shown?.(width, height).split('\n')
  return { watch, written, screen }
}

const started = (name: string): FleetEvent => ({ kind: 'target_started', name, wave: '100%' })
const wave = (targets: number, waves = 1): FleetEvent => ({
  kind: 'wave_started',
  wave: '100%',
  number: waves,
  waves,
  targets,
})
const finished = (name: string, kind: 'current' | 'interrupted' = 'current'): FleetEvent => {
  const at = { name, wave: '100%' }
  const outcome: TargetOutcome = kind === 'current' ? { ...at, kind } : { ...at, kind, done: [] }
  return { kind: 'target_finished', outcome }
}

test('hundreds of targets have a table of bounded height, and those without a line are counted', () => {
  const { watch, screen } = openView('terminal')
  watch.onEvent(wave(900))
  for (let place = 0; place < 300; place += 1) watch.onEvent(started(`tenant_${place}`))
  watch.onEvent(finished('tenant_0'))
  expect(screen(56, 5)).toEqual([
    'wave 1 of 1: 100%  1 of 900 targets: 1 current  0 ms',
    'tenant_1      0 ms   ',
    'tenant_2      0 ms   ',
    'tenant_3      0 ms   ',
    '… 296 more targets',
  ])
  expect(screen(56, 1)).toEqual(['wave 1 of 1: 100%  1 of 900 targets: 1 current  0 ms'])
})

test('a line of a target says what runs there, and fits a narrow terminal', () => {
  const { watch, screen } = openView('terminal')
  watch.onEvent(wave(2))
  const name = 'a tenant with a long name, and with\nline ends'
  watch.onEvent(started(name))
  watch.onRunEvent(name, {
    kind: 'statement_started',
    id: '001_orders',
    index: 0,
    count: 3,
    span: { start: 0, end: 1 },
    summary: 'CREATE TABLE orders',
  })
  // What comes late, or of a target that is not there, changes nothing.
  watch.onRunEvent('other', { kind: 'lock_acquired', waitedMs: 0 })
  for (const width of [40, 56, 120]) {
    const lines = screen(width, 10) ?? []
    expect(lines).toHaveLength(2)
    expect(lines[1]?.length).toBeLessThanOrEqual(width)
  }
  expect(screen(120, 10)?.[1]).toBe(
    'a tenant with a long name, and with line ends      0 ms   001_orders  statement 1 of 3  CREATE TABLE orders',
  )
})

test('each wave that is over leaves its counts, also one that was cut off', () => {
  const { watch, written, screen } = openView('terminal')
  watch.onEvent(wave(1, 2))
  watch.onEvent(started('a'))
  watch.onEvent(finished('a'))
  watch.onEvent({ kind: 'pausing', durationMs: 60_000, next: '100%' })
  watch.onEvent(wave(2, 2))
  watch.onEvent(started('b'))
  watch.onEvent(finished('b', 'interrupted'))
  expect(screen(80, 10)).toBeUndefined()
  watch.onEvent({ kind: 'stopped', failures: 1, allowed: 0, notBegun: 1 })
  expect(written).toEqual([
    'wave 2 of 2: 100%  1 of 1 target: 1 current  0 ms',
    'waiting 1 min before the wave 100%',
    'wave 2 of 2: 100%  1 of 2 targets: 1 interrupted  0 ms',
    'stopped: 1 failed, and 0 may (maxFailures); 1 not begun',
  ])
})

test('without a terminal each wave and each target that was tried has a line, and a current one none', () => {
  const { watch, written } = openView('pipe')
  watch.onEvent(wave(2, 2))
  watch.onEvent(started('a'))
  watch.onEvent(finished('a'))
  watch.onEvent({
    kind: 'target_finished',
    outcome: { kind: 'done', name: 'b', wave: '100%', done: ['001_a'], durationMs: 3 },
  })
  expect(written).toEqual(['wave 2 of 2: 100%  2 targets', ' ✓ b  1 migration  3 ms'])
})
