import type { Verdict } from '../status/decide.ts'
import type { GateRequest } from './allow.ts'
import { type GateResponse, refuse } from './respond.ts'

/**
 * Lets requests through or refuses them, for the whole application or for one route. Made by `gate.guard`.
 */
export interface Guard {
  /** A boolean read: all that an open guard costs a request. */
  isOpen(): boolean
  /**
   * Decides about a request to a closed guard: undefined lets it pass. Waits for the check that is due, 250
   * ms at most (2 s for the first).
   */
  refuse(request: GateRequest): Promise<GateResponse | undefined>
}

/** A guard with what the gate sets on it. */
export interface GuardState extends Guard {
  /** Null until a check has succeeded. */
  verdict: Verdict | null
  open: boolean
  /**
   * The answer to a request that no rule lets pass; undefined when the guard is open after the check that is
   * due.
   */
  answer(): Promise<GateResponse | undefined>
}

/** What a guard needs of its gate. */
export interface GuardOptions {
  readonly mayPass: (request: GateRequest) => boolean
  readonly expose: 'count' | 'ids'
  readonly retryAfterSeconds: number
  /** Runs the check that is due. */
  readonly checkDue: () => Promise<void>
}

/** Makes a closed guard. */
export function createGuard({ mayPass, expose, retryAfterSeconds, checkDue }: GuardOptions): GuardState {
  const guard: GuardState = {
    verdict: null,
    open: false,
    isOpen: () => guard.open,
    refuse: async (request) => (mayPass(request) ? undefined : guard.answer()),
    async answer() {
      if (guard.open) return undefined
      await checkDue()
      if (guard.open) return undefined
      const pending = findReason(guard)
      return refuse({
        pending: pending?.length ?? null,
        migrations: expose === 'ids' ? pending : null,
        retryAfterSeconds,
      })
    },
  }
  return guard
}

/**
 * What is pending; null when that is not why the guard is closed: nothing was checked yet, or the last check
 * failed.
 */
function findReason({ verdict }: GuardState): readonly string[] | null {
  return verdict === null || verdict.open ? null : verdict.pending
}
