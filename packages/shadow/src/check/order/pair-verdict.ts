import type { CatalogDifference, MigrationId } from '@tidemark/core'
import type { TrialFailure } from '../trial/trial-failure.ts'

/** What the order of two migrations that no dependency orders does. */
export type PairVerdict =
  /** Both orders end the same. */
  | { readonly kind: 'same' }
  /** Only the order of columns differs: real once something reads `SELECT *`. */
  | { readonly kind: 'column_order'; readonly differences: readonly CatalogDifference[] }
  /** Only names that PostgreSQL makes up differ, such as `t_check` and `t_check1`. */
  | { readonly kind: 'generated_names'; readonly differences: readonly CatalogDifference[] }
  /** The schema is the same, and the rows of these tables are not. */
  | { readonly kind: 'rows_differ'; readonly tables: readonly string[] }
  /** How the schema of the second order differs from that of the first. */
  | { readonly kind: 'differs'; readonly differences: readonly CatalogDifference[] }
  /** One order works, the other does not: `first` has to come first. */
  | {
      readonly kind: 'one_order_fails'
      readonly first: MigrationId
      readonly failed: MigrationId
      readonly failure: TrialFailure
    }
  /** Neither order works: the two cannot both be applied. */
  | { readonly kind: 'both_fail'; readonly failed: MigrationId; readonly failure: TrialFailure }
  /** One fails whether the other is there or not: the pair says nothing. */
  | { readonly kind: 'fails_alone'; readonly failed: MigrationId; readonly failure: TrialFailure }
  /** What both need cannot be applied. */
  | { readonly kind: 'not_checked'; readonly why: string }

/** Two migrations, the one that comes first in plan order first, and what their order does. */
export interface PairResult {
  readonly pair: readonly [MigrationId, MigrationId]
  /** What both touch: `*` stands for any object. */
  readonly touched: readonly string[]
  readonly verdict: PairVerdict
}
