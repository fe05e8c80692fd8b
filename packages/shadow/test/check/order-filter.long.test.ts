import { expect, test } from 'vitest'
import { useServer } from '../support/engines.ts'
import { tryEveryPair } from '../support/try-every-pair.ts'

const server = useServer()

/** Each seed with how many migrations it has beside the base. */
const GRAPHS = [
  [1, 16],
  [2, 24],
  [3, 32],
  [4, 40],
  [5, 60],
] as const

test.each(GRAPHS)('seed %i of %i migrations: no difference escapes the filter', async (seed, count) => {
  const { pairs, differing, escaped } = await tryEveryPair(server, seed, count)
  expect(escaped).toEqual([])
  expect(pairs).toBeGreaterThan(count)
  expect(differing).toBeGreaterThan(0)
})
