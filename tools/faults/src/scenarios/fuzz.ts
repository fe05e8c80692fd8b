import { Worker } from 'node:worker_threads'
import type { FuzzTask } from '../children/fuzz-worker.ts'
import { countSqlInputs } from '../fuzz/fuzz.ts'
import { FaultError, type Scenario } from '../scenario.ts'

/** One input that takes longer than this hangs. */
const HANG_LIMIT_MS = 20_000

/** Gives damaged files, headers, configurations, saved plans and tracking rows to what reads them. */
export const fuzzScenario: Scenario = {
  name: 'fuzz',
  about: 'damaged files, configurations, saved plans and tracking rows: no throw, no hang',
  count: 1_700_000,
  async run({ random, count, children, isOver }) {
    const progress = new SharedArrayBuffer(4)
    const task: FuzzTask = { seed: random.seed, inputs: count, progress }
    const worker = new Worker(children.path('fuzz-worker'), { workerData: task })
    const done = await Promise.race([
      new Promise<number>((resolve, reject) => {
        worker.once('message', () => resolve(count))
        worker.once('error', reject)
      }),
      watch(new Int32Array(progress), isOver, () => worker.threadId < 0),
    ]).finally(() => worker.terminate())
    return { inputs: done, 'of them SQL': countSqlInputs(done) }
  },
}

/** @returns how many inputs were done when the time was over. @throws FaultError at a hang. */
async function watch(under: Int32Array, isOver: () => boolean, isGone: () => boolean): Promise<number> {
  let last = -1
  let since = performance.now()
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 200))
    const input = Atomics.load(under, 0)
    if (isOver()) return input
    if (input !== last) since = performance.now()
    else if (!isGone() && performance.now() - since > HANG_LIMIT_MS)
      throw new FaultError(`input ${input} hangs`, [])
    last = input
  }
}
