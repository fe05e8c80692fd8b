import type { CatalogDifference, MigrationId } from '@tidemark/core'
import type { TrialFailure } from '../trial/trial-failure.ts'
import type { PairResult } from './pair-verdict.ts'

/** A whole order that is permitted and ends otherwise, for no reason that two migrations alone show. */
export interface UnexplainedOrder {
  readonly order: readonly MigrationId[]
  /** What failed in this order; null when all ran. */
  readonly failure: (TrialFailure & { readonly migrationId: MigrationId }) | null
  /** How the schema at its end differs from that of plan order. */
  readonly differences: readonly CatalogDifference[]
}

/** Whether the order of migrations matters where the graph leaves it open. */
export interface OrderReport {
  /** Pairs that no dependency orders, of which at least one is checked. */
  readonly pairs: number
  /** Those of them that may touch one another, in plan order, each executed both ways. */
  readonly results: readonly PairResult[]
  /** Whole orders that were executed, plan order included. */
  readonly replays: number
  readonly unexplained: readonly UnexplainedOrder[]
  /** What failed in plan order; with such, no whole orders are executed. */
  readonly failed: readonly { readonly migrationId: MigrationId; readonly failure: TrialFailure }[]
}
