import { afterAll, beforeAll, expect, test } from 'vitest'
import { bundleChildren, type Children } from '../src/bundle.ts'
import { createRandom } from '../src/random.ts'
import type { Scenario, Tally } from '../src/scenario.ts'
import { backScenario } from '../src/scenarios/back.ts'
import { crashScenario } from '../src/scenarios/crash.ts'
import { cutScenario } from '../src/scenarios/cut.ts'
import { diskScenario } from '../src/scenarios/disk.ts'
import { embeddedScenario } from '../src/scenarios/embedded.ts'
import { killScenario } from '../src/scenarios/kill.ts'
import { locksScenario } from '../src/scenarios/locks.ts'
import { manyScenario } from '../src/scenarios/many.ts'
import { terminateScenario } from '../src/scenarios/terminate.ts'

// The bounded version of `pnpm test:faults`: the same scenarios with fixed seeds and few disturbances.
let children: Children
beforeAll(async () => {
  children = await bundleChildren(['apply', 'apply-embedded'])
})
afterAll(() => children.remove())

test.each<[name: string, scenario: Scenario, disturbances: number]>([
  ['I1, I2, I3: kill -9', killScenario, 3],
  ['I2: cut connections', cutScenario, 8],
  ['I2: server crashes', crashScenario, 2],
  ['I1: 50 runners at once', manyScenario, 1],
  ['I2: SIGTERM', terminateScenario, 2],
  ['I3: up, down, redo and switch over two versions of the files', backScenario, 4],
  ['I8: a storm of locks', locksScenario, 1],
  ['I2, I5: a full disk', diskScenario, 2],
  ['I2: kill -9 of an embedded database', embeddedScenario, 1],
])('%s: the repeated run ends like an undisturbed one', async (_, scenario, count) => {
  const tally: Tally | { readonly skipped: string } = await scenario.run({
    random: createRandom(20),
    count,
    isOver: () => false,
    until: Number.POSITIVE_INFINITY,
    children,
    log: () => undefined,
  })
  if ('skipped' in tally) return
  expect(Object.values(tally).some((times) => times >= count)).toBe(true)
})
