import {
  type AcquireLockOptions,
  type CatalogMark,
  type CatalogScope,
  compareMarks,
  type Diagnostic,
  type ExecuteOptions,
  type FinishOptions,
  type History,
  type Migration,
  type MigrationPlan,
  type MigrationSession,
  type PlanTarget,
  type RunEvent,
  type RunIdentity,
  readCatalogMark,
  TidemarkError,
  type TrackingStore,
} from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { isServerError } from '../connection/sql-state.ts'
import type { Engine } from '../engine/engine-port.ts'
import type { Interruption } from '../engine/interruption.ts'
import { executePlan } from '../execute/execute-plan.ts'
import { findPathResets } from '../execute/find-path-resets.ts'
import { watchCommits } from '../execute/watch/standby-wait.ts'
import { pollLock, untilTaken } from '../lock/acquire-lock.ts'
import { nameLimit } from '../lock/name-limit.ts'
import { lockLost } from '../lock/run-errors.ts'
import { listTableHolders, releaseLock, tryLock } from '../lock/run-lock.ts'
import { translateErrors, translatingStore } from '../lock/translate-errors.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { execute } from '../statement/compiled-statement.ts'
import { measureStatement } from '../tracking/read/measure-statement.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { prepareTracking } from '../tracking/write/prepare-tracking.ts'
import {
  noteIdleStatement,
  notifyStatement,
  recordCatalogStatement,
  summaryStatement,
} from '../tracking/write/summary.ts'
import type { UnstorableFiles } from '../tracking/write/unstorable-text.ts'

/** What a session is made from. */
export interface SessionOptions {
  readonly engine: Engine
  readonly connection: Connection
  readonly settings: EngineSettings
  /** Those that the run creates first. */
  readonly missingSchemas: readonly string[]
  readonly target: PlanTarget
  readonly serverVersion: string
  readonly lockKey: string
  readonly applicationName: string
  /** True when the lock was taken while probing. */
  readonly isLocked: boolean
  readonly interruption: Interruption
}

/** Makes the session that migrates over one probed connection. */
export function createSession(options: SessionOptions): MigrationSession {
  return new EngineSession(options)
}

/** An older version turned it on in every database. */
function rowSecurityOff({ rowSecurity }: EngineSettings): RunEvent {
  const why = rowSecurity === 'never' ? 'rowSecurity is "never"' : 'no roles of API keys exist here'
  return {
    kind: 'note',
    message: `row level security on the tracking tables was turned off: ${why}`,
    help: 'with it pg_dump by a role without BYPASSRLS fails; to keep it, set rowSecurity to "always"',
  }
}

class EngineSession implements MigrationSession {
  readonly target: PlanTarget
  readonly serverVersion: string
  readonly store: TrackingStore
  readonly #options: SessionOptions
  #isLocked: boolean
  #isLost = false
  #isPrepared = false
  /** The summary is older than what it sums up, also when no step runs. */
  #isSummaryBehind = false
  #hasEventTriggers = false
  #emit: ((event: RunEvent) => void) | undefined
  #refusal: TidemarkError | null = null
  #unstorable: UnstorableFiles = new Map()
  #executedBy: string | undefined
  readonly #limit = () => nameLimit(this.#options.connection, 'statement_timeout')
  readonly #holders = () => listTableHolders(this.#options.connection, this.#options.settings.schema)

  constructor(options: SessionOptions) {
    this.#options = options
    this.target = options.target
    this.serverVersion = options.serverVersion
    const { connection, settings, interruption } = options
    const areOurs = () => this.#isPrepared && this.#refusal === null
    this.store = translatingStore(createTrackingStore(connection, settings.schema, areOurs), {
      signal: interruption.signal,
      holders: this.#holders,
      limit: this.#limit,
    })
    this.#isLocked = options.isLocked
    void options.connection.closed.then(() => {
      this.#isLost = true
    })
  }

  acquireLock(options: AcquireLockOptions): Promise<'acquired' | 'left'> {
    return this.#translate('waiting for the run lock', () => this.#acquireLock(options))
  }

  async #acquireLock(options: AcquireLockOptions): Promise<'acquired' | 'left'> {
    if (this.#isLocked) {
      options.onEvent({ kind: 'lock_acquired', waitedMs: 0 })
      return 'acquired'
    }
    const { connection, settings } = this.#options
    const outcome = await pollLock(connection, settings.schema, options)
    this.#isLocked = outcome === 'acquired'
    return outcome
  }

  async prepare(
    migrations: readonly Migration[],
    run: RunIdentity,
    onEvent?: (event: RunEvent) => void,
  ): Promise<History> {
    this.#emit = onEvent
    const { connection, settings, missingSchemas } = this.#options
    const { schema, readers, rowSecurity } = settings
    const options = { schema, readers, rowSecurity, migrations, run, missingSchemas }
    const prepared = await this.#translate('preparing the tracking tables', () =>
      this.#watchCommits(() => prepareTracking(connection, options)),
    )
    const { history, isSummaryBehind, hasEventTriggers, refusal, unstorable, isRelaxed } = prepared
    if (isRelaxed) onEvent?.(rowSecurityOff(settings))
    this.#refusal = refusal
    this.#isPrepared = true
    this.#unstorable = unstorable
    this.#executedBy = prepared.run.executedBy
    this.#hasEventTriggers = hasEventTriggers
    this.#isSummaryBehind ||= isSummaryBehind && refusal === null
    return history
  }

  readCatalogMark(scope: CatalogScope): Promise<CatalogMark> {
    return this.#translate('reading the schema', () => readCatalogMark(this.#options.connection, scope))
  }

  checkPlan({ steps }: MigrationPlan): readonly Diagnostic[] {
    const found = steps.flatMap(({ kind, id }) =>
      kind === 'roll_back' ? [] : (this.#unstorable.get(id) ?? []),
    )
    const { connection, settings } = this.#options
    return [...new Set(found), ...findPathResets(steps, connection, settings)]
  }

  /** As it was found that the database can store it. */
  #storable(run: RunIdentity): RunIdentity {
    return { ...run, executedBy: this.#executedBy ?? run.executedBy }
  }

  executePlan(plan: MigrationPlan, options: ExecuteOptions): AsyncIterable<RunEvent> {
    if (this.#refusal !== null && plan.steps.length > 0) throw this.#refusal
    const { engine, connection, settings, lockKey, applicationName, interruption } = this.#options
    const { sessionSettings } = connection
    const eventTriggers = this.#hasEventTriggers ? 'possible' : 'none'
    return executePlan(
      {
        engine,
        connection,
        settings,
        lockKey,
        applicationName,
        sessionSettings,
        eventTriggers,
        interruption,
        unstorable: this.#unstorable,
      },
      plan,
      { ...options, run: this.#storable(options.run) },
    )
  }

  async yieldLock(): Promise<void> {
    const { connection, lockKey, settings } = this.#options
    this.#isLocked = false
    await this.#translate('letting another run in', async () => {
      if (!(await releaseLock(connection, lockKey))) throw lockLost()
      await untilTaken(connection, settings.schema)
    })
  }

  finish(run: RunIdentity, options: FinishOptions): Promise<void> {
    // What has run is summed up also after an interrupt: so without the signal.
    return translateErrors({ doing: 'finishing the run', holders: this.#holders }, () =>
      this.#finish(this.#storable(run), options),
    )
  }

  #translate<T>(doing: string, work: () => Promise<T>): Promise<T> {
    const { signal } = this.#options.interruption
    return translateErrors({ doing, signal, holders: this.#holders, limit: this.#limit }, work)
  }

  #watchCommits<T>(work: () => Promise<T>): Promise<T> {
    const { engine, connection } = this.#options
    return watchCommits({ engine, connection, emit: (event) => this.#emit?.(event) }, work)
  }

  async #finish(run: RunIdentity, options: FinishOptions): Promise<void> {
    const { interruption } = this.#options
    try {
      await interruption.ended()
      if (!this.#isLost) return await this.#watchCommits(() => this.#finishHere(run, options))
    } catch (error) {
      if (interruption.ended() === undefined) throw error
      await interruption.ended()
    }
    if (options.changed || this.#isSummaryBehind) await this.#finishElsewhere(run, options)
  }

  async #finishHere(run: RunIdentity, options: FinishOptions): Promise<void> {
    const { connection, lockKey } = this.#options
    if (options.changed || this.#isSummaryBehind) await this.#summarize(connection, run, options)
    await this.#recordCatalog(options.changed)
    const wasLocked = this.#isLocked
    this.#isLocked = false
    if (!wasLocked) return
    const isNoted = options.idle === true && this.#refusal === null
    const released = isNoted ? await this.#releaseAsIdle(run) : await releaseLock(connection, lockKey)
    if (!released) throw lockLost()
  }

  /**
   * Records what the catalog is, where that is asked for and something has changed or nothing comparable is
   * recorded. A server that cannot say it fails no run.
   */
  async #recordCatalog(changed: boolean): Promise<void> {
    const { connection, settings } = this.#options
    const { schema, trackedScope } = settings
    if (trackedScope === null || this.#refusal !== null) return
    try {
      const scope = { ...trackedScope, trackingSchema: schema }
      const mark = await readCatalogMark(connection, scope)
      const { kind } = compareMarks(await this.store.readCatalogMark(), mark)
      if (changed || kind === 'not recorded' || kind === 'not comparable') {
        await execute(connection, recordCatalogStatement(schema, mark))
      }
    } catch (error) {
      const isTooOld = error instanceof TidemarkError && error.code === 'TM5060'
      if (!isServerError(error) && !isTooOld) throw error
    }
  }

  /**
   * Gives the lock back with a note; where that cannot be written, without one, since it only helps a later
   * rollback.
   */
  async #releaseAsIdle(run: RunIdentity): Promise<boolean> {
    const { connection, settings, lockKey } = this.#options
    const statement = noteIdleStatement(settings.schema, run, lockKey)
    try {
      const [row] = await execute<{ released: boolean }>(connection, statement)
      return row?.released === true
    } catch (error) {
      if (!isServerError(error)) throw error
      return releaseLock(connection, lockKey)
    }
  }

  /** After the connection was lost. A run that holds the lock now rewrites the summary anyway. */
  async #finishElsewhere(run: RunIdentity, options: FinishOptions): Promise<void> {
    const { engine, lockKey } = this.#options
    const control = await engine.connect('control')
    try {
      if (!(await tryLock(control, lockKey))) return
      await this.#summarize(control, run, options)
      await releaseLock(control, lockKey)
    } finally {
      await control.close()
    }
  }

  async #summarize(
    connection: Connection,
    run: RunIdentity,
    { measures = [] }: FinishOptions,
  ): Promise<void> {
    const { schema } = this.#options.settings
    await Promise.all([
      ...(measures.length === 0 ? [] : [execute(connection, measureStatement(schema, run, measures))]),
      execute(connection, summaryStatement(schema)),
      execute(connection, notifyStatement(schema, run.runId)),
    ])
  }

  close(): Promise<void> {
    this.#options.interruption.stop()
    return this.#options.connection.close()
  }
}
