import type { Diagnostic, DiagnosticCode, MigrationId } from '@tidemark/core'

/** Why a target failed: a `TidemarkError`, or what a worker of the queue recorded of one. */
export interface TargetError {
  readonly code: DiagnosticCode
  readonly message: string
  readonly help?: string | undefined
  readonly diagnostics: readonly Diagnostic[]
  /** Not of a worker. */
  readonly details?: Readonly<Record<string, unknown>>
}

/** What a rollout came to for one target. `current`: there was nothing to do. */
export type TargetOutcome = { readonly name: string; readonly wave: string } & (
  | { readonly kind: 'done'; readonly done: readonly MigrationId[]; readonly durationMs: number }
  | { readonly kind: 'current' }
  | { readonly kind: 'failed'; readonly error: TargetError; readonly done: readonly MigrationId[] }
  /** A failure that the end of the rollout brought. */
  | { readonly kind: 'interrupted'; readonly done: readonly MigrationId[] }
  | { readonly kind: 'not_begun' }
)

/** What happens during a rollout, in order. */
export type FleetEvent =
  /** It is in the queue. */
  | { readonly kind: 'queued'; readonly rolloutId: string; readonly targets: number }
  /** No worker has taken anything of it for some seconds. */
  | { readonly kind: 'waiting'; readonly direction: 'up' | 'down' }
  /** Somebody paused or resumed a rollout of the queue. */
  | { readonly kind: 'paused' | 'resumed' }
  | {
      readonly kind: 'wave_started'
      readonly wave: string
      /** From 1. */
      readonly number: number
      readonly waves: number
      readonly targets: number
    }
  | { readonly kind: 'target_started'; readonly name: string; readonly wave: string }
  | { readonly kind: 'target_finished'; readonly outcome: TargetOutcome }
  | { readonly kind: 'pausing'; readonly durationMs: number; readonly next: string }
  | {
      readonly kind: 'stopped'
      readonly failures: number
      readonly allowed: number
      readonly notBegun: number
    }

/** A whole rollout. Failures are in it: they are not thrown. */
export interface RolloutResult {
  /** The run id that every target has in its records. */
  readonly rolloutId: string
  readonly direction: 'up' | 'down'
  /**
   * `stopped`: more targets failed than may; `interrupted`: the signal was given. With a queue also `cancelled`,
   * and `detached` where the signal ended the watching alone.
   */
  readonly ended: 'complete' | 'stopped' | 'interrupted' | 'cancelled' | 'detached'
  /** One for each target, in the order of the waves. */
  readonly outcomes: readonly TargetOutcome[]
  readonly durationMs: number
}

/** How many targets came to what. */
export type OutcomeCounts = Readonly<Record<TargetOutcome['kind'], number>>

/** Counts outcomes by their kind. */
export function countOutcomes(outcomes: readonly TargetOutcome[]): OutcomeCounts {
  const counts = { done: 0, current: 0, failed: 0, interrupted: 0, not_begun: 0 }
  for (const { kind } of outcomes) counts[kind] += 1
  return counts
}
