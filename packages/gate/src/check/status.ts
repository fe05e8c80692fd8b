import type { TidemarkError } from '@tidemark/core'
import type { Verdict } from './decide.ts'

/**
 * What a gate knows: `behind`, `failed` (behind, and the last attempt at a required one failed), `current`, `ahead` (the database
 * has completed what is unknown here), `changed` (completed by another text). `unknown` until a check has succeeded.
 * `error` is of the last check, when it failed. What it says may be sensitive: it is for logs.
 */
export type GateStatus =
  | { readonly kind: 'unknown'; readonly open: boolean; readonly error: TidemarkError | null }
  | (Verdict & { readonly checkedAt: Date; readonly error: TidemarkError | null })

/** What happens at a gate: it opened, it closed, a check failed, what
 * `migrateOnStart` ran failed, or anything else in its status changed. */
export type GateEvent =
  | { readonly kind: 'opened' | 'closed' | 'changed'; readonly status: GateStatus }
  | {
      readonly kind: 'check_failed' | 'migration_failed'
      readonly error: TidemarkError
      readonly status: GateStatus
    }
