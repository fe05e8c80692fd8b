import type { BatchOptions, RunEvent, RunIdentity } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import type { PreparedStatements } from '../statement/prepared-statements.ts'
import type { Engine } from './engine-port.ts'
import type { Interruption } from './interruption.ts'

/** What executing a plan works with. */
export interface ExecutionContext {
  readonly engine: Engine
  readonly connection: Connection
  readonly settings: EngineSettings
  readonly run: RunIdentity
  readonly lockKey: string
  readonly sessionSettings: readonly string[]
  /** Such as `tidemark host/4711`; the migration's id is added while it runs. */
  readonly applicationName: string
  readonly prepared: PreparedStatements
  /** Whether DDL may run triggers of the database, which no file shows. */
  readonly eventTriggers: 'none' | 'possible'
  /** When a walk in batches stops, and whether it lets other runs in; absent: it goes on to the end. */
  readonly batches: BatchOptions | undefined
  readonly emit: (event: RunEvent) => void
  readonly signal: AbortSignal | undefined
  readonly interruption: Interruption
}
