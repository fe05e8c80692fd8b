import { parentPort, workerData } from 'node:worker_threads'
import { fuzzOne } from '../fuzz/fuzz.ts'
import { loadSnippets } from '../fuzz/snippets.ts'

/** What the worker is given. */
export interface FuzzTask {
  readonly seed: number
  readonly inputs: number
  /** One Int32: the number of the input under way, so that whoever watches knows where it hangs. */
  readonly progress: SharedArrayBuffer
}

const { seed, inputs, progress }: FuzzTask = workerData
const under = new Int32Array(progress)
const snippets = loadSnippets()
for (let input = 0; input < inputs; input += 1) {
  Atomics.store(under, 0, input)
  fuzzOne(seed, input, snippets)
}
parentPort?.postMessage('done')
