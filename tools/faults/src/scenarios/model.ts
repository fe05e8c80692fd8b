import { checkModel, startModelServer } from '../model/check-model.ts'
import type { Scenario } from '../scenario.ts'

const LANES = 3

/** Random sequences of operations against a small reference model of what must be true after each. */
export const modelScenario: Scenario = {
  name: 'model',
  about: 'random sequences of operations agree with a reference model',
  count: 10_000,
  async run({ random, count, isOver, log }) {
    const server = await startModelServer()
    try {
      const tally = { sequences: 0, operations: 0 }
      const lanes = Array.from({ length: LANES }, async (_, lane) => {
        const { seed } = random.fork(lane)
        const played = await checkModel({
          url: server.url(),
          seed: seed >>> 1,
          sequences: Math.ceil(count / LANES),
          isOver,
        })
        tally.sequences += played.sequences
        tally.operations += played.operations
        log(`lane ${lane}: ${played.sequences} sequences`)
      })
      const outcomes = await Promise.allSettled(lanes)
      for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason
      return tally
    } finally {
      await server.remove()
    }
  },
}
