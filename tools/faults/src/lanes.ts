import type { ScenarioContext } from './scenario.ts'

/** The same on every machine, so that a seed gives the same choices everywhere. */
const LANES = 2

/**
 * Shares the disturbances out among lanes that go on beside each other, each with choices of its own. When
 * one fails, the others end after the round that they are in.
 *
 * @throws what the first lane that failed threw.
 */
export async function inLanes(
  context: ScenarioContext,
  play: (lane: ScenarioContext) => Promise<void>,
): Promise<void> {
  let hasFailed = false
  const lanes = Array.from({ length: LANES }, async (_, lane) => {
    const count = Math.floor((context.count + lane) / LANES)
    if (count === 0) return
    try {
      await play({
        ...context,
        random: context.random.fork(lane),
        count,
        isOver: () => hasFailed || context.isOver(),
      })
    } catch (error) {
      hasFailed = true
      throw error
    }
  })
  for (const outcome of await Promise.allSettled(lanes)) {
    if (outcome.status === 'rejected') throw outcome.reason
  }
}
