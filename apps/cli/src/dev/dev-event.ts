import type { HookName, MigrationId, TidemarkError } from '@tidemark/core'
import type { CheckOutcome } from '../check/check.ts'

/** What happens while `tidemark dev` runs, in order. */
export type DevEvent =
  | {
      readonly kind: 'watching'
      readonly folder: string
      readonly migrations: number
      /** The database that what is saved is applied to; null where it is only shown. */
      readonly target: string | null
      /** Why it is only shown. */
      readonly why: string | null
    }
  /** Files or the configuration are wrong. */
  | { readonly kind: 'problems'; readonly error: TidemarkError }
  | {
      readonly kind: 'checked'
      readonly outcome: CheckOutcome
      readonly changes: Changes
      readonly durationMs: number
    }
  /** The order of what was saved, with everything that no dependency orders. Only where there is a finding. */
  | { readonly kind: 'order'; readonly outcome: CheckOutcome }
  | {
      readonly kind: 'applied'
      readonly action: 'apply' | 'redo'
      readonly ids: readonly MigrationId[]
      readonly durationMs: number
    }
  /** Something is left to do by hand. */
  | { readonly kind: 'left'; readonly id: MigrationId; readonly why: string; readonly command: string }
  | { readonly kind: 'refreshed'; readonly path: string }
  /** A line that a hook wrote. */
  | { readonly kind: 'hook'; readonly hook: HookName; readonly line: string }
  /** A check, a run, or one of its hooks failed. */
  | { readonly kind: 'failed'; readonly error: TidemarkError }

/** What is different since the files were last read. */
export interface Changes {
  /** New or edited. */
  readonly saved: readonly MigrationId[]
  readonly removed: readonly MigrationId[]
}

/** The migrations of a project, by what they say. */
export type Seen = ReadonlyMap<MigrationId, string>

/** Finds what was saved and what was removed. */
export function compareSeen(before: Seen, now: Seen): Changes {
  return {
    saved: [...now].flatMap(([id, checksum]) => (before.get(id) === checksum ? [] : [id])),
    removed: [...before.keys()].filter((id) => !now.has(id)),
  }
}
