import type { MigrationDatabase, PlanTarget, ReadingSession } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { applicationName } from '../engine/application-name.ts'
import { claimReading, claimSession } from '../engine/claim-session.ts'
import type { Engine } from '../engine/engine-port.ts'
import { type Interruption, watchInterruption } from '../engine/interruption.ts'
import { readServerFacts, type ServerFacts } from '../engine/probe-server.ts'
import { refuseInsideHook } from '../hooks/inside-hook.ts'
import { lockKey } from '../lock/lock-key.ts'
import { nameLimit } from '../lock/name-limit.ts'
import { findHolder, listTableHolders } from '../lock/run-lock.ts'
import { translateErrors, translatingStore } from '../lock/translate-errors.ts'
import type { EngineSettings } from '../options/engine-settings.ts'
import { createTrackingStore } from '../tracking/read/tracking-store.ts'
import { findUnstorableFiles } from '../tracking/write/unstorable-text.ts'
import { estimateRows } from './estimate-rows.ts'
import { listExposedSchemas } from './list-exposed-schemas.ts'
import { requireSchemas, searchPathOf } from './require-schemas.ts'
import { createVerify } from './run-verify.ts'

/** What only migrating needs, and no reader. */
const loadSession = () => import('./session.ts')

/**
 * Builds core's port over an engine: a server (`pg`) or an embedded database. All that is promised of a run
 * is here; the engine only knows how to connect and how to end a connection.
 *
 * @example
 * const database = createEngineDatabase(engine, { ...DEFAULT_SETTINGS, schema: 'tidemark' })
 * const session = await database.openSession()
 */
export function createEngineDatabase(engine: Engine, settings: EngineSettings): MigrationDatabase {
  const key = lockKey(settings.schema)
  return {
    describeTarget: () => engine.target,
    async load() {
      // What is wrong is reported when connecting.
      await Promise.allSettled([engine.load?.(), loadSession()])
    },
    async openReader(signal): Promise<ReadingSession> {
      const opened = await engine.connect('read', signal)
      const interruption = watchInterruption(signal, async () => {
        opened.destroy()
        return true
      })
      return closingOnFailure(opened, interruption, async () => {
        const facts = await readServerFacts(opened, undefined)
        const connection = await claimReading(opened, facts)
        await requireSchemas(connection, settings)
        return {
          target: toTarget(engine.target, facts, searchPathOf(connection, settings)),
          serverVersion: facts.version,
          store: translatingStore(createTrackingStore(connection, settings.schema), {
            signal,
            holders: () => listTableHolders(connection, settings.schema),
            limit: () => nameLimit(connection, 'statement_timeout'),
          }),
          findRunner: async () =>
            connection.kind === 'server' ? findHolder(connection, settings.schema).catch(() => null) : null,
          catalog: connection,
          verify: createVerify(connection, settings, signal),
          estimateRows: (relations) => estimateRows(connection, relations),
          readBatchExtent: async (batches) => {
            const { readBatchExtent } = await import('./read-batch-extent.ts')
            return readBatchExtent(connection, batches)
          },
          listExposedSchemas: () => listExposedSchemas(connection),
          findUnstorable: async (migrations) => [
            ...(await findUnstorableFiles(connection, migrations)).values(),
          ],
          close: () => {
            interruption.stop()
            return connection.close()
          },
        }
      })
    },
    async openSession(signal) {
      refuseInsideHook(engine.target)
      const { createSession } = await loadSession()
      const connection = await engine.connect('migrate', signal)
      const interruption = watchInterruption(signal, () => engine.interrupt(connection))
      return closingOnFailure(connection, interruption, async () => {
        const facts = await readServerFacts(connection, key)
        const target = toTarget(engine.target, facts, searchPathOf(connection, settings))
        refuseInsideHook(target)
        const claimed = await claimSession(engine, connection, facts)
        return createSession({
          engine,
          connection: claimed,
          settings,
          missingSchemas: await requireSchemas(claimed, settings),
          target,
          serverVersion: facts.version,
          lockKey: key,
          applicationName: applicationName(),
          isLocked: facts.locked === true,
          interruption,
        })
      })
    },
  }
}

async function closingOnFailure<T>(
  connection: Connection,
  interruption: Interruption,
  open: () => Promise<T>,
): Promise<T> {
  const { signal } = interruption
  try {
    return await translateErrors({ doing: 'reading the settings of the server', signal }, open)
  } catch (error) {
    interruption.stop()
    await connection.close().catch(() => undefined)
    throw error
  }
}

function toTarget(
  target: PlanTarget,
  { database, user, systemIdentifier }: ServerFacts,
  searchPath: readonly string[] | undefined,
): PlanTarget {
  return { ...target, database, user, systemIdentifier, ...(searchPath === undefined ? {} : { searchPath }) }
}
