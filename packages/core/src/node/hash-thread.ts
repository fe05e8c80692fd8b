import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** A SHA-256 over bytes that come one after the other. */
export interface StreamHash {
  /** Takes bytes, which may be overwritten as soon as it has resolved. */
  update(bytes: Uint8Array): Promise<void>
  /** The digest of all that came, in lower-case hex. */
  digest(): Promise<string>
  /** Gives back what it holds, whether or not it was asked for the digest. */
  close(): Promise<void>
}

/** Less than this is hashed in the time that a thread takes to start. */
const THREAD_FROM_BYTES = 64 * 1024 * 1024
/** How far the thread may be behind. */
const BUFFERS = 4
const BUFFER_BYTES = 1024 * 1024

/** Opens a hash for about so many bytes: many are hashed in a thread of their own, beside whatever else is done with them. */
export function openStreamHash(sizeBytes: number): StreamHash {
  if (sizeBytes < THREAD_FROM_BYTES) return hashHere()
  try {
    return new HashThread()
  } catch {
    // Node may be told to allow no threads.
    return hashHere()
  }
}

function hashHere(): StreamHash {
  const hash = createHash('sha256')
  return {
    async update(bytes) {
      hash.update(bytes)
    },
    digest: async () => hash.digest('hex'),
    close: async () => undefined,
  }
}

/** Text and not a file, so that it needs no place of its own in a bundle. */
const THREAD = `
const { parentPort } = require('node:worker_threads')
const hash = require('node:crypto').createHash('sha256')
parentPort.on('message', ({ buffer, length }) => {
  if (buffer === undefined) return parentPort.postMessage(hash.digest('hex'))
  hash.update(new Uint8Array(buffer, 0, length))
  parentPort.postMessage(buffer, [buffer])
})`

class HashThread implements StreamHash {
  readonly #worker = new Worker(THREAD, { eval: true, execArgv: [] })
  readonly #free = Array.from({ length: BUFFERS }, () => new ArrayBuffer(BUFFER_BYTES))
  #broken: Error | undefined
  #told: string | undefined

  constructor() {
    this.#worker.on('error', (error) => {
      this.#broken = error instanceof Error ? error : new Error(String(error))
    })
    this.#worker.on('message', (answer: ArrayBuffer | string) => {
      if (typeof answer === 'string') this.#told = answer
      else this.#free.push(answer)
    })
  }

  async update(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += BUFFER_BYTES) {
      const part = bytes.subarray(at, at + BUFFER_BYTES)
      const buffer = await this.#until(() => this.#free.pop())
      new Uint8Array(buffer).set(part)
      this.#worker.postMessage({ buffer, length: part.length }, [buffer])
    }
  }

  digest(): Promise<string> {
    this.#worker.postMessage({})
    return this.#until(() => this.#told)
  }

  async close(): Promise<void> {
    await this.#worker.terminate()
  }

  /** Rejects when the thread fails. */
  async #until<T>(look: () => T | undefined): Promise<T> {
    for (;;) {
      if (this.#broken !== undefined) throw this.#broken
      const found = look()
      if (found !== undefined) return found
      await once(this.#worker, 'message')
    }
  }
}
