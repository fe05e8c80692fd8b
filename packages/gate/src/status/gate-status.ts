import type { TidemarkError } from '@tidemark/core'
import type { Verdict } from './decide.ts'

/**
 * What a gate knows: `behind`, `failed` (behind, and the last attempt at a required migration failed),
 * `current`, `ahead` (the database has completed migrations that are unknown here), `changed` (completed with
 * another text). `unknown` until a check has succeeded. `error` is the error of the last check, if it failed.
 * It may be sensitive: it is for logs.
 */
export type GateStatus =
  | { readonly kind: 'unknown'; readonly open: boolean; readonly error: TidemarkError | null }
  | (Verdict & { readonly checkedAt: Date; readonly error: TidemarkError | null })
