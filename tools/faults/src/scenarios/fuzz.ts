import { Worker } from 'node:worker_threads'
import type { FuzzTask } from '../children/fuzz-worker.ts'
import { countSqlInputs } from '../fuzz/fuzz.ts'
import { FaultError, type Scenario, type ScenarioContext } from '../scenario.ts'

/** One input that takes longer than this hangs. */
const HANG_LIMIT_MS = 20_000

const WORKERS = 2

/** Gives damaged files, headers, configurations, saved plans and tracking rows to what reads them. */
export const fuzzScenario: Scenario = {
  name: 'fuzz',
  about: 'damaged files, configurations, saved plans and tracking rows: no throw, no hang',
  count: 1_700_000,
  async run(context) {
    const share = Math.ceil(context.count / WORKERS)
    const parts = Array.from({ length: WORKERS }, (_, worker) =>
      fuzzPart({ from: worker * share, to: Math.min(context.count, (worker + 1) * share) }, context),
    )
    let inputs = 0
    for (const part of await Promise.allSettled(parts)) {
      if (part.status === 'rejected') throw part.reason
      inputs += part.value
    }
    return { inputs, 'of them SQL': countSqlInputs(inputs) }
  },
}

/** @returns how many inputs were done. */
async function fuzzPart(
  { from, to }: { readonly from: number; readonly to: number },
  { random, children, isOver }: ScenarioContext,
): Promise<number> {
  const progress = new SharedArrayBuffer(4)
  const under = new Int32Array(progress)
  under[0] = from
  const task: FuzzTask = { seed: random.seed, from, to, progress }
  const worker = new Worker(children.path('fuzz-worker'), { workerData: task })
  const last = await Promise.race([
    new Promise<number>((resolve, reject) => {
      worker.once('message', () => resolve(to))
      worker.once('error', reject)
    }),
    watch(under, isOver, () => worker.threadId < 0),
  ]).finally(() => worker.terminate())
  return last - from
}

/** @returns the input under way when the time was over. @throws FaultError at a hang. */
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
