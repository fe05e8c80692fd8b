import type { PlanTarget } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'

/** What a connection is for: reading only, migrating, or watching and ending another connection. */
export type ConnectPurpose = 'read' | 'migrate' | 'control'

/**
 * How to reach one database: what differs between a server and the embedded one. `createEngineDatabase` does
 * the rest.
 */
export interface Engine {
  /** Without credentials, and without connecting. */
  readonly target: PlanTarget
  /** Loads the modules that {@link connect} needs, ahead of it. */
  load?(): Promise<unknown>
  /** Opens a connection. @throws TidemarkError TM5001 when that fails, TM5002 behind a transaction pooler. */
  connect(purpose: ConnectPurpose, signal?: AbortSignal): Promise<Connection>
  /** The way round a transaction pooler, for the help of TM5002. */
  readonly poolerHelp: string
  /**
   * Ends what a connection runs, now: afterwards its transaction is rolled back and its locks are free.
   * Resolves when that is known; false when it could not be made sure of.
   */
  interrupt(connection: Connection): Promise<boolean>
}
