import type { CatalogDifference, MigrationId } from '@tidemark/core'
import type { TrialFailure } from '../trial/trial-failure.ts'
import type { RowReversibility } from './rows/row-reversibility.ts'

/**
 * What a `@down` gives back of the schema and the rows, the first that applies from below.
 *
 * - `exact`: the schema is as it was before the migration.
 * - `column_order`: only the order of columns differs.
 * - `differs`: something else differs.
 * - `loses_data`: rows from before the migration, or values in them, do not come back.
 * - `down_fails`: the `@down` cannot be executed, at all or with rows.
 * - `irreversible`: there is no `@down`.
 * - `up_fails`: not even the `@up` can be executed, so nothing is known of the `@down`.
 */
export type ReversibilityVerdict =
  | 'exact'
  | 'column_order'
  | 'differs'
  | 'loses_data'
  | 'down_fails'
  | 'irreversible'
  | 'up_fails'

/** What happened when the migration was applied again after its `@down`. */
export type SecondUp =
  | { readonly kind: 'same' }
  /** The schema is not the one of the first time. */
  | { readonly kind: 'differs'; readonly differences: readonly CatalogDifference[] }
  | { readonly kind: 'fails'; readonly failure: TrialFailure }

/** What going up, down and up again did to the schema, and to rows. */
export interface Reversibility {
  readonly migrationId: MigrationId
  readonly verdict: ReversibilityVerdict
  /** How the schema after the `@down` differs from that before the migration. */
  readonly differences: readonly CatalogDifference[]
  /** Of `down_fails` and `up_fails`. */
  readonly failure: TrialFailure | null
  /** Null where it was not tried: without a `@down`, or when something failed before. */
  readonly secondUp: SecondUp | null
  /** Null where it was not tried: without a `@down`, or when something failed before. */
  readonly rows: RowReversibility | null
}

/** The facet that holds the order of columns. */
const COLUMN_ORDER = 'column order'

/** Whether two catalogs are the same, but for the order of columns, or not even that. */
export function judgeDifferences(
  differences: readonly CatalogDifference[],
): Extract<ReversibilityVerdict, 'exact' | 'column_order' | 'differs'> {
  if (differences.length === 0) return 'exact'
  const isOrder = (one: CatalogDifference) =>
    one.change === 'changed' && one.facets.every(({ facet }) => facet === COLUMN_ORDER)
  return differences.every(isOrder) ? 'column_order' : 'differs'
}
