import type { Catalog, Migration, StatementEffects } from '@tidemark/core'

/** What one statement of an `@up` did. */
export interface ObservedStatement {
  /** Its place in the section, from 0. */
  readonly statement: number
  readonly effects: StatementEffects
}

/** A migration and what it did, as rules need it. */
export interface LintedMigration {
  /** With the values of its variables. */
  readonly migration: Migration
  /** The schema before it. */
  readonly before: Catalog
  /** The schema after it. */
  readonly after: Catalog
  /** What each statement did; null where nobody looked: then the text has to do. */
  readonly observed: readonly ObservedStatement[] | null
}

/** How large a table of the target is; what is not known is left out. */
export interface TableSize {
  readonly rows?: number | undefined
  readonly bytes?: number | undefined
}
