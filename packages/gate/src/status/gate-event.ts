import type { TidemarkError } from '@tidemark/core'
import type { GateStatus } from './gate-status.ts'

/** The gate opened or closed, its status changed otherwise, a check failed, or `migrateOnStart` failed. */
export type GateEvent =
  | { readonly kind: 'opened' | 'closed' | 'changed'; readonly status: GateStatus }
  | {
      readonly kind: 'check_failed' | 'migration_failed'
      readonly error: TidemarkError
      readonly status: GateStatus
    }

/**
 * Calls a listener. What it throws is thrown again outside the check, which would take it for a failing
 * database.
 */
export function emitEvent(onEvent: ((event: GateEvent) => void) | undefined, event: GateEvent): void {
  try {
    onEvent?.(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
