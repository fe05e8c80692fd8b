import { maskSecrets, type PlanTarget, type RunIdentity, TidemarkError } from '@tidemark/core'
import type { Connection } from '../connection/connection.ts'
import { readAddress, type ServerAddress } from '../connection/driver-connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isServerError } from '../connection/sql-state.ts'
import { pollLock } from '../lock/acquire-lock.ts'
import { lockKey } from '../lock/lock-key.ts'
import { releaseLock } from '../lock/run-lock.ts'
import { withOwnSettings } from '../save/own-settings.ts'
import { storableRun } from '../tracking/write/unstorable-text.ts'
import { type BackupManifest, readManifest } from './backup-manifest.ts'
import { type Aside, fillTable, orderByReference } from './fill-table.ts'
import { makeTables } from './make-tables.ts'
import { type OpenArchive, openArchives } from './open-archives.ts'
import { dropLaterCopies, planRestore, type RestoreStep } from './plan-restore.ts'
import { readStates } from './read-states.ts'
import { recordRestored } from './record-restored.ts'
import type { TableState } from './table-state.ts'

/** What {@link createBackupRestorer} takes. */
export interface RestoreOptions {
  readonly url: ServerAddress
  /** The folder that holds one folder a run. */
  readonly folder: string
  /** Of the tracking tables, for the audit. */
  readonly schema: string
  readonly lockWaitMs: number
  readonly connect: () => Promise<Connection>
  /** Lets a backup be restored into another database than it was made of: its rows only. Default false. */
  readonly anyTarget?: boolean
  readonly signal?: AbortSignal | undefined
}

/** What a restore does, decided before anything runs. */
export interface RestorePlan {
  readonly target: Pick<PlanTarget, 'host' | 'port' | 'database' | 'user'>
  readonly manifest: BackupManifest
  /** In order: the last archive first. */
  readonly steps: readonly RestoreStep[]
}

/** Brings a backup back. */
export interface BackupRestorer {
  /** Checks the backup, compares it with the tables as they are, and decides; changes nothing. */
  plan(runId: string): Promise<RestorePlan>
  /**
   * Does it under the run lock in one transaction, and writes an audit row for each archive. Plans again
   * first.
   */
  restore(runId: string, run: RunIdentity): Promise<RestorePlan>
}

/**
 * Makes what brings back the backups of one database. Archives are read by us: rows through COPY, and the SQL
 * that makes a missing table only where the history has the archive's SHA-256.
 *
 * @throws (by its methods) TidemarkError TM6008 unknown backup, TM6009 of another database, TM6007 tables
 *   have changed since, TM6031 archive changed, TM5003 another run holds the lock, TM3009 the
 *   reason cannot be stored, TM5041 restoring failed.
 */
export function createBackupRestorer(options: RestoreOptions): BackupRestorer {
  return {
    plan: (runId) =>
      withConnection(options, (connection) =>
        inTransaction(connection, 'ROLLBACK', async () => (await prepare(options, connection, runId)).plan),
      ),
    restore: (runId, run) =>
      withConnection(options, async (connection) => {
        const key = lockKey(options.schema)
        const { lockWaitMs: waitMs, signal } = options
        const lock = { waitMs, onEvent: () => undefined, mayLeave: async () => false }
        await pollLock(connection, options.schema, signal === undefined ? lock : { ...lock, signal })
        const known = await storableRun(connection, run)
        const plan = await inTransaction(connection, 'COMMIT', async () => {
          const prepared = await prepare(options, connection, runId)
          await restorePrepared(connection, prepared)
          await recordRestored(options.schema, connection, { ...prepared.plan, runId, run: known })
          return prepared.plan
        })
        await releaseLock(connection, key)
        return plan
      }),
  }
}

async function withConnection<T>(
  { connect }: RestoreOptions,
  use: (connection: Connection) => Promise<T>,
): Promise<T> {
  const connection = await connect()
  try {
    return await use(connection)
  } finally {
    await connection.close()
  }
}

async function inTransaction<T>(
  connection: Connection,
  end: 'COMMIT' | 'ROLLBACK',
  act: () => Promise<T>,
): Promise<T> {
  await sendMessage(connection, 'BEGIN')
  try {
    const result = await withOwnSettings(connection, async () => {
      await connection.query('SET LOCAL check_function_bodies = off')
      return act()
    })
    await sendMessage(connection, end)
    return result
  } catch (error) {
    await sendMessage(connection, 'ROLLBACK').catch(() => undefined)
    throw isServerError(error) ? failed(error) : error
  }
}

interface PreparedRestore {
  readonly plan: RestorePlan
  readonly archives: readonly OpenArchive[]
  /** Tables that are there, with their saved rows beside them. */
  readonly asides: readonly Aside[]
}

async function prepare(
  options: RestoreOptions,
  connection: Connection,
  runId: string,
): Promise<PreparedRestore> {
  const { anyTarget = false, folder, schema } = options
  const { target } = readAddress(options.url)
  const manifest = await readManifest(folder, runId)
  if (!anyTarget) refuseOtherTarget(manifest, target)
  const origins = anyTarget ? 'any' : 'recorded'
  const opened = await openArchives(connection, manifest, { folder, schema, origins })
  const kept = dropLaterCopies(opened)
  const archives = opened.map((archive, place) => ({ ...archive, tables: kept[place]?.tables ?? [] }))
  const states: TableState[] = []
  const asides: Aside[] = []
  for (const archive of archives) {
    const found = await readStates(connection, archive, asides.length)
    states.push(...found.states)
    asides.push(...found.asides)
  }
  return { plan: { target, manifest, steps: planRestore(runId, archives, states) }, archives, asides }
}

async function restorePrepared(
  connection: Connection,
  { plan, archives, asides }: PreparedRestore,
): Promise<void> {
  const links: string[] = []
  const made = plan.steps.filter(({ manner }) => manner === 'create')
  for (const archive of [...archives].reverse()) {
    const tables = made
      .filter(({ entry }) => entry.file === archive.entry.file)
      .flatMap((step) => step.tables)
    links.push(...(await makeTables(connection, archive, tables)))
  }
  for (const aside of await orderByReference(connection, asides)) await fillTable(connection, aside)
  for (const link of links) await connection.query(link)
}

function failed(cause: Error): TidemarkError {
  const reason = maskSecrets(cause.message)
  return new TidemarkError({
    code: 'TM5041',
    message: `nothing was restored (rolled back): ${reason}`,
    help: 'fix the cause and run it again',
    details: { reason, applied: [] },
    cause,
  })
}

function refuseOtherTarget({ runId, target }: BackupManifest, now: RestorePlan['target']): void {
  const isSame = target.host === now.host && target.port === now.port && target.database === now.database
  if (isSame) return
  const name = ({ host, port, database }: BackupManifest['target']) => `"${host}:${port ?? ''}/${database}"`
  throw new TidemarkError({
    code: 'TM6009',
    message: `the backup of the run "${runId}" is of ${name(target)}, and this is ${name(now)}`,
    help: 'use the database of the backup, or allow any database with --any-target',
  })
}
