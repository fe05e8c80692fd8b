import type { MigrationId } from '@tidemark/core'
import type { TrialFailure } from '../trial/trial-failure.ts'

/** A migration that fails where only what it declares to need is there. */
export interface MissingDependency {
  readonly migrationId: MigrationId
  /** What it needs besides, in plan order: the dependencies to add. Empty where none was found. */
  readonly needs: readonly MigrationId[]
  /** What it fails with. */
  readonly failure: TrialFailure
}

/** A dependency that can be taken away: the schema is the same in either order. */
export interface NeedlessDependency {
  readonly migrationId: MigrationId
  readonly dependsOn: MigrationId
}

/** Whether migrations succeed with their declared ancestors alone. */
export interface ClosureReport {
  /** How many were executed on their ancestors alone. */
  readonly executed: number
  readonly missing: readonly MissingDependency[]
  /** Of migrations with more than one dependency; a file that depends on one other has to follow something. */
  readonly needless: readonly NeedlessDependency[]
  readonly notChecked: readonly { readonly migrationId: MigrationId; readonly why: string }[]
}
