import type { MigrationId } from '../../migration/model/migration.ts'

/** What to apply; without options everything pending. The parts narrow each other. */
export interface ApplyOptions {
  /** This migration and what it needs. */
  readonly target?: MigrationId | undefined
  /** At most this many steps, in plan order. */
  readonly steps?: number | undefined
  /** Migrations with one of these tags and what they need. */
  readonly tags?: readonly string[] | undefined
  /** Stops before the migrations that a gate does not wait for. */
  readonly blocking?: boolean | undefined
  /** `Run: on_change` migrations to run again, also an older file over a newer one. */
  readonly rerun?: readonly MigrationId[] | undefined
  /** Applied migrations without a file refuse the run. Not part of the digest. */
  readonly strict?: boolean | undefined
}
