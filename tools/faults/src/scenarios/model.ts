import { once } from 'node:events'
import { Worker } from 'node:worker_threads'
import type { ModelTask } from '../children/model-worker.ts'
import { inLanes } from '../lanes.ts'
import { startModelServer } from '../model/check-model.ts'
import type { Scenario } from '../scenario.ts'

/** Random sequences of operations against a small reference model of what must be true after each. */
export const modelScenario: Scenario = {
  name: 'model',
  about: 'random sequences of operations agree with a reference model',
  count: 10_000,
  async run(context) {
    const server = await startModelServer()
    const tally = { sequences: 0, operations: 0 }
    try {
      await inLanes(context, async ({ random, count, children, until }) => {
        const task: ModelTask = { url: server.url(), seed: random.seed >>> 1, sequences: count, until }
        const worker = new Worker(children.path('model-worker'), { workerData: task })
        // An error of the worker, such as a counter-example, rejects.
        const [{ sequences, operations }] = await once(worker, 'message')
        tally.sequences += sequences
        tally.operations += operations
        await worker.terminate()
      })
      return tally
    } finally {
      await server.remove()
    }
  },
}
