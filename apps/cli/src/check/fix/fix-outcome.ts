import type { MigrationId } from '@tidemark/core'

/** The dependencies of one file that change. */
export interface FixedFile {
  readonly id: MigrationId
  readonly path: string
  readonly add: readonly MigrationId[]
  readonly remove: readonly MigrationId[]
}

/** What `--fix` did. */
export interface FixOutcome {
  readonly written: readonly FixedFile[]
  /** What was not written, and why. */
  readonly left: readonly (FixedFile & { readonly why: string })[]
  /** The rest, as `git apply` takes it; null where there is none. */
  readonly patch: string | null
}
