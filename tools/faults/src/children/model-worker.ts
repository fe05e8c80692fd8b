import { parentPort, workerData } from 'node:worker_threads'
import { checkModel } from '../model/check-model.ts'

/** What the worker is given. */
export interface ModelTask {
  readonly url: string
  readonly seed: number
  readonly sequences: number
  /** When it ends, in milliseconds since 1970. */
  readonly until: number
}

const { until, ...task }: ModelTask = workerData
parentPort?.postMessage(await checkModel({ ...task, isOver: () => Date.now() > until }))
