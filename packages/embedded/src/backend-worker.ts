import { MessageChannel, Worker } from 'node:worker_threads'
import type { FromWorker, ToWorker, WorkerOptions } from './worker-messages.ts'

/** PGlite in its thread, seen from the main thread. */
export interface BackendWorker {
  send(message: ToWorker): void
  /** Keeps the process alive, or lets it exit. */
  ref(): void
  unref(): void
  /** Ends the thread at once, whatever it is doing. */
  terminate(): Promise<void>
  /** Settles when the thread is gone; null after an orderly close. */
  readonly exited: Promise<Error | null>
}

/** Options of {@link startBackendWorker}; `onMessage` gets every message but `ready` and `failed`. */
export interface BackendWorkerOptions extends Omit<WorkerOptions, 'port' | 'signal'> {
  readonly onMessage: (message: Exclude<FromWorker, { kind: 'ready' | 'failed' }>) => void
}

/**
 * Starts PGlite in a worker thread and waits until it answers.
 * The thread is a file in `assets/` beside this one: a bundle must be shipped with a copy of that folder.
 */
export async function startBackendWorker(options: BackendWorkerOptions): Promise<BackendWorker> {
  const { onMessage, ...rest } = options
  const { port1, port2 } = new MessageChannel()
  const signal = new Int32Array(new SharedArrayBuffer(Int32Array.BYTES_PER_ELEMENT))
  const workerData: WorkerOptions = { ...rest, port: port2, signal }
  const worker = new Worker(new URL('./assets/embedded-worker.js', import.meta.url), {
    workerData,
    transferList: [port2],
    // The parent's flags (a test runner's loaders) are not for this thread.
    execArgv: [],
  })
  const exited = new Promise<Error | null>((resolve) => {
    worker.once('error', resolve)
    worker.once('exit', (code) => resolve(code === 0 ? null : new Error('the embedded database was ended')))
  })
  void exited.then(() => port1.close())
  await new Promise<void>((resolve, reject) => {
    void exited.then((reason) => reject(reason ?? new Error('the embedded database ended while it started')))
    port1.on('message', (message: FromWorker) => {
      if (message.kind === 'ready') resolve()
      else if (message.kind === 'failed') reject(new Error(message.reason))
      else onMessage(message)
    })
  })
  return {
    send: (message) => {
      port1.postMessage(message)
      Atomics.add(signal, 0, 1)
      Atomics.notify(signal, 0)
    },
    ref: () => {
      worker.ref()
      port1.ref()
    },
    unref: () => {
      worker.unref()
      port1.unref()
    },
    terminate: async () => {
      await worker.terminate()
    },
    exited,
  }
}
