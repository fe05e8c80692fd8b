/**
 * The worker thread in which `pg_dump` runs, as WebAssembly. It reads and writes synchronously, so it cannot share a
 * thread with its connection: each write goes to `port`, and the thread sleeps on `signal` until it is answered.
 */
import { receiveMessageOnPort, workerData } from 'node:worker_threads'

/** @typedef {import('../dump/dump-messages.ts').DumpWorkerOptions} DumpWorkerOptions */
/** @typedef {import('../dump/dump-messages.ts').ToDump} ToDump */

/** @type {DumpWorkerOptions} */
const { program, args, port, signal } = workerData

/** @param {Uint8Array} bytes @returns {Uint8Array} */
function exchange(bytes) {
  const seen = Atomics.load(signal, 0)
  port.postMessage({ kind: 'bytes', bytes: bytes.slice() })
  for (;;) {
    const received = receiveMessageOnPort(port)
    if (received !== undefined) {
      /** @type {ToDump} */
      const answer = received.message
      if (answer.kind === 'lost') throw new Error(answer.reason)
      return answer.bytes
    }
    Atomics.wait(signal, 0, seen)
  }
}

/** What `pgDump` takes for a PGlite. */
const session = {
  query: async () => ({ rows: [{ search_path: '' }] }),
  exec: async () => [],
  /** @param {Uint8Array} bytes @param {{ onRawData: (bytes: Uint8Array) => void }} options */
  execProtocolRawStream(bytes, { onRawData }) {
    const answer = exchange(bytes)
    if (answer.length > 0) onRawData(answer)
  },
}

try {
  const { pgDump } = await import(program)
  const file = await pgDump({ pg: session, args })
  port.postMessage({ kind: 'dumped', text: await file.text() })
} catch (error) {
  port.postMessage({ kind: 'failed', reason: error instanceof Error ? error.message : String(error) })
}
port.close()
