import type { CatalogDifference } from '@tidemark/core'
import type { NotChecked, ShadowEngineKind } from '../port/shadow.ts'

/** One object that is not what the migrations make. */
export interface DriftedObject {
  /** Kind and id, such as `index public.users_email_idx`: what `--accept` takes. */
  readonly object: string
  /** From what the migrations make to what the database has. */
  readonly difference: CatalogDifference
  /** SHA-256 of what was found: an accepted difference is accepted for this value alone. */
  readonly value: string
  /** A query that shows the object as it is; null where there is none that is short. */
  readonly sql: string | null
}

/** A difference that somebody has accepted. */
export interface AcceptedDrift {
  readonly object: string
  readonly value: string
  readonly reason: string
}

/** What a database came to, compared with what its migrations make. */
export interface DriftReport {
  readonly drift: readonly DriftedObject[]
  /** What differs and was accepted, with the value that is there. */
  readonly accepted: readonly AcceptedDrift[]
  /** What was accepted and does not differ any more, or is not there. */
  readonly outdated: readonly AcceptedDrift[]
  /** Objects that no migration made or changed: kind and id. */
  readonly notOurs: readonly string[]
  /** Migrations that could not be run on the shadow: what they make is not known. */
  readonly notChecked: readonly NotChecked[]
  /** The version of the database that was looked at. */
  readonly serverVersion: string
  /** What the migrations were run on. */
  readonly shadow: { readonly engine: ShadowEngineKind; readonly serverVersion: string }
}
