import { expect, test } from 'vitest'
import { inLanes } from './lanes.ts'
import { createRandom } from './random.ts'
import type { ScenarioContext } from './scenario.ts'

const contextOf = (count: number): ScenarioContext => ({
  random: createRandom(7),
  count,
  isOver: () => false,
  until: 0,
  children: { path: (name) => name, commandLine: 'none', remove: async () => undefined },
  log: () => undefined,
})

test('lanes share the disturbances out, each with choices of its own', async () => {
  const played: { count: number; seed: number }[] = []
  await inLanes(contextOf(7), async ({ count, random }) => void played.push({ count, seed: random.seed }))
  expect(played).toEqual([
    { count: 3, seed: createRandom(7).fork(0).seed },
    { count: 4, seed: createRandom(7).fork(1).seed },
  ])
})

test('one disturbance is played once', async () => {
  const played: number[] = []
  await inLanes(contextOf(1), async ({ count }) => void played.push(count))
  expect(played).toEqual([1])
})

test('a lane that fails ends the others, and its error is told', async () => {
  const rounds = { other: 0 }
  const run = inLanes(contextOf(2), async ({ random, isOver }) => {
    if (random.seed === createRandom(7).fork(0).seed) throw new Error('lane 0')
    for (; !isOver(); rounds.other += 1) await Promise.resolve()
  })
  await expect(run).rejects.toThrow('lane 0')
  expect(rounds.other).toBeLessThan(10)
})
