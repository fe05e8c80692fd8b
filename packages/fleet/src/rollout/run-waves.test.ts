import { TidemarkError } from '@tidemark/core'
import { expect, test } from 'vitest'
import { parseTargets } from '../target/parse-targets.ts'
import { planWaves } from '../wave/plan-waves.ts'
import type { FleetEvent } from './outcome.ts'
import { runWaves, type WaveOptions } from './run-waves.ts'

const TARGETS = parseTargets(
  ['a', 'b', 'c', 'd'].map((name) => ({ name, database: `postgres://app@db/${name}` })),
  { kind: 'code' },
)

function optionsOf(changes: Partial<WaveOptions>): WaveOptions {
  return {
    waves: planWaves(TARGETS, ['50%', '100%']),
    concurrency: 4,
    perServer: 4,
    serverOf: () => 'db',
    allowed: 0,
    pauseMs: 0,
    signal: undefined,
    onEvent: () => undefined,
    run: async () => ({ done: ['001_a'], durationMs: 1 }),
    ...changes,
  }
}

test('there is a pause between two waves, and a signal ends it', async () => {
  const stop = new AbortController()
  const events: FleetEvent['kind'][] = []
  const { ended, outcomes } = await runWaves(
    optionsOf({
      pauseMs: 600_000,
      signal: stop.signal,
      onEvent: ({ kind }) => {
        events.push(kind)
        if (kind === 'pausing') setImmediate(() => stop.abort())
      },
    }),
  )
  expect([ended, outcomes.map(({ kind }) => kind)]).toEqual([
    'interrupted',
    ['done', 'done', 'not_begun', 'not_begun'],
  ])
  expect(events.at(-1)).toBe('pausing')
  expect(events.filter((kind) => kind === 'wave_started')).toHaveLength(1)
})

test('what runs when too many have failed is finished', async () => {
  const failure = new TidemarkError({ code: 'TM5001', message: 'cannot connect' })
  let finish = () => {}
  const held = new Promise<void>((resolve) => {
    finish = resolve
  })
  const { ended, outcomes } = await runWaves(
    optionsOf({
      waves: planWaves(TARGETS, ['100%']),
      concurrency: 2,
      onEvent: (event) => {
        if (event.kind === 'target_finished' && event.outcome.kind === 'failed') finish()
      },
      run: async ({ name }) => {
        if (name === 'a') throw failure
        await held
        return { done: ['001_a'], durationMs: 1 }
      },
    }),
  )
  expect([ended, outcomes.map(({ name, kind }) => [name, kind])]).toEqual([
    'stopped',
    [
      ['a', 'failed'],
      ['b', 'done'],
      ['c', 'not_begun'],
      ['d', 'not_begun'],
    ],
  ])
})

test('a mistake of ours is thrown', async () => {
  const run = () => Promise.reject(new TypeError('ours'))
  await expect(runWaves(optionsOf({ run }))).rejects.toThrow('ours')
})
