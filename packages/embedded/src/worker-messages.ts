import type { MessagePort } from 'node:worker_threads'

/** What the worker is started with. */
export interface WorkerOptions {
  /** The data directory; null for a database in memory. */
  readonly location: string | null
  /** True when the data directory is to be laid out from the template first. */
  readonly initialise: boolean
  readonly templatePath: string
  /**
   * Where each extension's archive lies: those of extensions that a directory already has are unpacked at
   * once.
   */
  readonly archives: Readonly<Record<string, string>>
  /** Settings that the session starts with and that `RESET` returns to, each `name=value`. */
  readonly settings: readonly string[]
  readonly port: MessagePort
  /** Counts what was sent to the worker, which sleeps on it while a statement waits for input. */
  readonly signal: Int32Array
}

/** Sent to the worker, in order. */
export type ToWorker =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'archive'; readonly path: string }
  /** Write the data directory as a template to this path; `saved` answers. */
  | { readonly kind: 'save'; readonly path: string }
  | { readonly kind: 'close' }

/** Sent by the worker. `started` precedes a statement that runs under a `statement_timeout`. */
export type FromWorker =
  | { readonly kind: 'ready' }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  /** A chunk of {@link LARGE_BYTES} or more was consumed. */
  | { readonly kind: 'taken' }
  | { readonly kind: 'started'; readonly timeoutMs: number }
  | { readonly kind: 'saved'; readonly failure: SaveFailure | null }

/** Why a template could not be written. */
export interface SaveFailure {
  /** Of the file system, such as ENOSPC; empty for any other failure. */
  readonly code: string
  readonly reason: string
}

/** The size from which the worker acknowledges a chunk. */
export const LARGE_BYTES = 16_384
