import { setTimeout as sleep } from 'node:timers/promises'
import { type GivenSearchPath, type MigrationReader, TidemarkError } from '@tidemark/core'
import type { DriverClient, DriverPool } from '@tidemark/pg-driver/client'
import type { Gate } from '../gate.ts'
import { emitEvent, type GateEvent } from '../status/gate-event.ts'

/** What {@link migrate} runs, and where it reports. */
export interface MigrateOptions {
  readonly database: string | DriverPool | DriverClient
  readonly migrations: string | MigrationReader
  readonly schema: string | undefined
  readonly environment: string | undefined
  readonly searchPath: GivenSearchPath | undefined
  readonly createSchema: boolean | undefined
  readonly signal: AbortSignal
  readonly gate: Pick<Gate, 'status'>
  readonly onEvent: ((event: GateEvent) => void) | undefined
}

/** Failures that are worth another try: no connection, or another run that takes long. */
const TRANSIENT = new Set(['TM5001', 'TM5003', 'TM5007'])
const FIRST_PAUSE_MS = 1000
const LONGEST_PAUSE_MS = 30_000

/**
 * Applies what is pending. It tries again when the database cannot be reached, but not when a migration
 * failed: then the gate stays closed. Each failure is emitted as an event, or as a warning of the process
 * without `onEvent`. Never rejects.
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  for (let pauseMs = FIRST_PAUSE_MS; ; pauseMs = Math.min(LONGEST_PAUSE_MS, pauseMs * 2)) {
    try {
      await runOnce(options)
      return
    } catch (thrown) {
      if (options.signal.aborted) return
      const error = toTidemarkError(thrown)
      report(options, error)
      if (!TRANSIENT.has(error.code)) return
      await sleep(pauseMs, undefined, { ref: false, signal: options.signal }).catch(() => undefined)
      if (options.signal.aborted) return
    }
  }
}

async function runOnce(options: MigrateOptions): Promise<void> {
  const { signal, gate: _, onEvent: __, ...run } = options
  const { createMigrationRunner } = await import('@tidemark/pg-driver')
  await createMigrationRunner(run).runMigrations({ signal })
}

function report({ gate, onEvent }: MigrateOptions, error: TidemarkError): void {
  if (onEvent === undefined) process.emitWarning(`migrateOnStart: ${error.message}`, { code: error.code })
  else emitEvent(onEvent, { kind: 'migration_failed', error, status: gate.status() })
}

function toTidemarkError(thrown: unknown): TidemarkError {
  if (thrown instanceof TidemarkError) return thrown
  const reason = thrown instanceof Error ? thrown.message : String(thrown)
  return new TidemarkError({
    code: 'TM5091',
    message: `migrating on start failed: ${reason}`,
    help: 'the gate opens once the migrations are applied: run tidemark up for details',
    cause: thrown,
  })
}
