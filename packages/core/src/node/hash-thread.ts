import { createHash } from 'node:crypto'
import { once } from 'node:events'
import type { LargeFile } from './open-large.ts'

/** The SHA-256 of a normalised file, taken while it is read for something else. */
export interface FileHash {
  /** Takes the next piece of the file; a thread has its own. */
  update(bytes: Uint8Array): void
  /** The digest of the whole file, in lower-case hex, when all of it was given. */
  digest(): Promise<string>
  /** Gives back what it holds, whether or not it was asked for the digest. */
  close(): Promise<void>
}

/** Less than this is hashed in the time that a thread takes to start. */
const THREAD_FROM_BYTES = 64 * 1024 * 1024

/**
 * Opens the hash of a file. A large one is read once more by a thread of its own, which then waits for
 * nobody, and the reader need not copy hundreds of megabytes for it. What is not UTF-8 is hashed all the
 * same: the reader reports it.
 */
export function openFileHash({ path, sizeBytes }: Pick<LargeFile, 'path' | 'sizeBytes'>): FileHash {
  if (sizeBytes < THREAD_FROM_BYTES) return hashHere()
  try {
    return hashInThread(path)
  } catch {
    // Node may be started with threads disabled.
    return hashHere()
  }
}

function hashHere(): FileHash {
  const hash = createHash('sha256')
  return {
    update: (bytes) => void hash.update(bytes),
    digest: async () => hash.digest('hex'),
    close: async () => undefined,
  }
}

/**
 * Normalises as `readNormalized` does. Text and not a file, so that it needs no place of its own in a bundle.
 */
const THREAD = `
const { parentPort, workerData } = require('node:worker_threads')
const { openSync, readSync, closeSync } = require('node:fs')
const hash = require('node:crypto').createHash('sha256')
const CR = 13, LF = 10
const file = openSync(workerData, 'r')
const buffer = Buffer.allocUnsafeSlow(1024 * 1024)
let length = readSync(file, buffer)
let start = length >= 3 && buffer.readUIntBE(0, 3) === 0xefbbbf ? 3 : 0
while (length > 0) {
  const bytes = buffer.subarray(start, length)
  const lines = bytes.includes(CR) ? Buffer.from(bytes.toString('latin1').replace(/\\r\\n?/g, '\\n'), 'latin1') : bytes
  hash.update(lines)
  const endsInCr = buffer[length - 1] === CR
  length = readSync(file, buffer)
  start = endsInCr && length > 0 && buffer[0] === LF ? 1 : 0
}
closeSync(file)
parentPort.postMessage(hash.digest('hex'))`

function hashInThread(path: string): FileHash {
  // Asked for here: nearly every folder has no large file, and to load it takes longer than to read ten small
  // ones.
  const { Worker } = process.getBuiltinModule('node:worker_threads')
  const worker = new Worker(THREAD, { eval: true, execArgv: [], workerData: path })
  // Rejects when the thread fails.
  const digest = once(worker, 'message').then(([hex]) => String(hex))
  digest.catch(() => undefined)
  return {
    update: () => undefined,
    digest: () => digest,
    async close() {
      await worker.terminate()
    },
  }
}
