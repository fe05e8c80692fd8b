import type { TrialFailure } from '../../trial/trial-failure.ts'
import type { UnseededTable } from './seed-tables.ts'

/** What a `@down` did not give back of the rows of one table. */
export interface RowLoss {
  /** With its schema. */
  readonly table: string
  /** How many rows are gone. */
  readonly rows: number
  /** How many rows there were. */
  readonly of: number
  /** Columns whose values are gone or others in rows that are there. */
  readonly columns: readonly string[]
}

/** What going up and down did to rows that were there before. */
export interface RowReversibility {
  /**
   * - `kept`: all rows are as before.
   * - `lost`: something is gone, see `lost`.
   * - `up_fails`, `down_fails`: the section fails on rows, and not without them.
   * - `none`: the migration touches no table that was there before.
   */
  readonly verdict: 'kept' | 'lost' | 'up_fails' | 'down_fails' | 'none'
  /** The tables that had rows, generated ones or those of migrations. */
  readonly seeded: readonly string[]
  /** Touched tables of whose rows nothing is known, and why. */
  readonly unseeded: readonly UnseededTable[]
  readonly lost: readonly RowLoss[]
  /** Of `up_fails` and `down_fails`; of the others what some generated rows failed with, where others did not. */
  readonly failure: TrialFailure | null
  /** Whether no row whatsoever would do, in contrast to the ones that were generated. */
  readonly failsOnAnyRow: boolean
}
