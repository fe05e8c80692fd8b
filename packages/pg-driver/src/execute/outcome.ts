import { type BatchProgress, TidemarkError } from '@tidemark/core'
import { isConnectionLost } from '../connection/sql-state.ts'
import { CommitRefusedError } from '../script/pipelined-answers.ts'
import type { ExecutableStep } from '../script/step-script.ts'

/**
 * What became of a step, or of a group of steps. Every way of executing steps returns one, and throws none of
 * these.
 */
export type Outcome<Failure, CutOff> =
  | { readonly kind: 'committed' }
  /** It failed, and the connection is still there. */
  | { readonly kind: 'failed'; readonly failure: Failure }
  /** The connection is gone: only the records say whether it was committed. */
  | { readonly kind: 'connection_lost'; readonly cutOff: CutOff }

/** What became of a step that is sent by itself. A failure is described and recorded already. */
export type StandaloneOutcome =
  | Outcome<TidemarkError, CutOffStep>
  /** A walk in batches was stopped between two of them. */
  | {
      readonly kind: 'paused'
      readonly reason: 'time' | 'waiting_run'
      readonly progress: BatchProgress | null
    }

/** A step that is sent by itself, cut off by the loss of its connection. */
export interface CutOffStep {
  readonly step: ExecutableStep
  readonly error: Error
  readonly durationMs: number
}

/** The outcome of a step that did all it had to. */
export const COMMITTED = { kind: 'committed' } as const

/** Tells whether an error means that the connection is gone, and with it the answer to what was sent. */
export function isLoss(error: unknown): boolean {
  const isOwn =
    error instanceof TidemarkError || error instanceof TypeError || error instanceof CommitRefusedError
  return !isOwn && isConnectionLost(error)
}
