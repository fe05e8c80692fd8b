import type { Guard } from './http/guard.ts'
import type { GateResponse } from './http/respond.ts'
import type { GateLog } from './options.ts'

/** What an adapter needs of a gate: of one database, or of many. */
export interface RequestGate extends Guard {
  /**
   * A guard of its own for one route, which waits for these ids alone, blocking or not. TM2007 for an id that
   * does not exist.
   */
  guard(options: { readonly requires: readonly string[] }): Guard
  /**
   * Answers a liveness probe: 200 while the process answers. Restarting an application does not migrate its
   * database.
   */
  livez(): GateResponse
  /** Answers a readiness probe. */
  readyz(): Promise<GateResponse>
  /**
   * Writes the warning of a gate that stays closed to the framework's log, unless the option `log` names
   * another place. Adapters call it.
   */
  logTo(log: GateLog): void
  /** Ends what runs; settles when the checks in flight are over, so that a pool can be ended. */
  stop(): Promise<void>
}
