import type { MessagePort } from 'node:worker_threads'

/** What the worker is started with. */
export interface DumpWorkerOptions {
  /** The URL of the module that has `pgDump`. */
  readonly program: string
  /** Arguments of `pg_dump`. */
  readonly args: readonly string[]
  readonly port: MessagePort
  /** Counts what was sent to the worker, which sleeps on it until it is answered. */
  readonly signal: Int32Array
}

/** Sent by the worker. Each `bytes` is answered. */
export type FromDump =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'dumped'; readonly text: string }
  | { readonly kind: 'failed'; readonly reason: string }

/** Sent to the worker: what the server answers, or that it is gone. */
export type ToDump =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'lost'; readonly reason: string }
