import type { MigrationId } from '@tidemark/core'

/** What changes in one file. */
export interface FixedFile {
  readonly id: MigrationId
  readonly path: string
  readonly add: readonly MigrationId[]
  readonly remove: readonly MigrationId[]
  /** The lines of the statements that are replaced, as they were. */
  readonly rewritten: readonly number[]
}

/** What `--fix` did. */
export interface FixOutcome {
  readonly written: readonly FixedFile[]
  /** What was not written, and why. */
  readonly left: readonly (FixedFile & { readonly why: string })[]
  /** The rest, as `git apply` takes it; null where there is none. */
  readonly patch: string | null
}
