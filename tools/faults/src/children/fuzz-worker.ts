import { parentPort, workerData } from 'node:worker_threads'
import { fuzzOne } from '../fuzz/fuzz.ts'
import { loadSnippets } from '../fuzz/snippets.ts'

/** What the worker is given. */
export interface FuzzTask {
  readonly seed: number
  /** The first input, and the one behind the last. */
  readonly from: number
  readonly to: number
  /** One Int32: the number of the input under way, so that the watching process knows where it hangs. */
  readonly progress: SharedArrayBuffer
}

const { seed, from, to, progress }: FuzzTask = workerData
const under = new Int32Array(progress)
const snippets = loadSnippets()
for (let input = from; input < to; input += 1) {
  Atomics.store(under, 0, input)
  fuzzOne(seed, input, snippets)
}
parentPort?.postMessage('done')
