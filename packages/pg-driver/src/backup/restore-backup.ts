import { join } from 'node:path'
import { type PlanTarget, type RunIdentity, TidemarkError } from '@tidemark/core'
import { sql } from 'kysely'
import type { Connection } from '../connection/connection.ts'
import { readConnectionUrl } from '../connection/connection-url.ts'
import { pollLock } from '../lock/acquire-lock.ts'
import { lockKey } from '../lock/lock-key.ts'
import { releaseLock } from '../lock/run-lock.ts'
import { defineStatement, execute } from '../statement/compiled-statement.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from '../tracking/write/insert-attempt.ts'
import { type BackupManifest, readManifest } from './backup-manifest.ts'
import { checkProgram, runProgram } from './client-program.ts'
import { removeDataList, writeDataList } from './data-list.ts'
import { readTableStates } from './find-tables.ts'
import { planRestore, type RestoreStep } from './plan-restore.ts'

/** What {@link createBackupRestorer} takes. */
export interface RestoreOptions {
  readonly url: string
  /** The folder that holds one folder a run. */
  readonly folder: string
  /** Of the tracking tables, for the audit. */
  readonly schema: string
  readonly lockWaitMs: number
  readonly connect: () => Promise<Connection>
  /** Lets a backup be restored into another database than it was made of. Default false. */
  readonly anyTarget?: boolean
  readonly signal?: AbortSignal | undefined
}

/** What a restore does, decided before anything runs. */
export interface RestorePlan {
  readonly target: Pick<PlanTarget, 'host' | 'port' | 'database' | 'user'>
  readonly manifest: BackupManifest
  /** In order: the last dump first. */
  readonly steps: readonly RestoreStep[]
}

/** Brings a backup back. */
export interface BackupRestorer {
  /** Reads the backup, compares it with the tables as they are, and decides; writes nothing. */
  plan(runId: string): Promise<RestorePlan>
  /** Does it under the run lock, each dump in one transaction, and writes an audit row for each. Plans again first. */
  restore(runId: string, run: RunIdentity): Promise<RestorePlan>
}

/**
 * Makes what brings back the backups of one database with `pg_restore`.
 *
 * @throws (by its methods) TidemarkError TM6008 unknown backup, TM6009 of another database, TM6007 tables have changed since,
 *   TM7019 no usable pg_restore, TM5003 another run holds the lock, TM5041 pg_restore failed.
 */
export function createBackupRestorer(options: RestoreOptions): BackupRestorer {
  const plan = async (connection: Connection, runId: string): Promise<RestorePlan> => {
    const { target } = readConnectionUrl(options.url)
    const manifest = await readManifest(options.folder, runId)
    if (options.anyTarget !== true) refuseOtherTarget(manifest, target)
    const { rows } = await connection.query<{ version: string }>(
      "SELECT pg_catalog.current_setting('server_version') AS version",
    )
    await checkProgram('pg_restore', newest(manifest.pgDump, rows[0]?.version ?? ''))
    const tables = manifest.entries.flatMap((entry) => entry.tables)
    const steps = planRestore(manifest, await readTableStates(connection, tables))
    return { target, manifest, steps }
  }
  return {
    plan: (runId) => withConnection(options, (connection) => plan(connection, runId)),
    restore: (runId, run) =>
      withConnection(options, async (connection) => {
        const key = lockKey(options.schema)
        const { lockWaitMs: waitMs, signal } = options
        const lock = { waitMs, onEvent: () => undefined, mayLeave: async () => false }
        await pollLock(connection, key, signal === undefined ? lock : { ...lock, signal })
        const planned = await plan(connection, runId)
        for (const step of planned.steps) await restoreStep(options, connection, { step, runId, run })
        await releaseLock(connection, key)
        return planned
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

async function restoreStep(
  { url, folder, schema, signal }: RestoreOptions,
  connection: Connection,
  { step, runId, run }: { readonly step: RestoreStep; readonly runId: string; readonly run: RunIdentity },
): Promise<void> {
  const { entry, manner } = step
  const { database } = readConnectionUrl(url).target
  const dump = join(folder, runId, entry.file)
  const list = manner === 'fill' ? await writeDataList(connection, { dump, tables: entry.tables }) : undefined
  const args = [
    '--single-transaction',
    '--exit-on-error',
    '--no-password',
    `--dbname=dbname='${database.replace(/[\\']/g, '\\$&')}'`,
    ...(list === undefined ? [] : ['--data-only', `--use-list=${list}`]),
    dump,
  ]
  const { code, stderr } = await runProgram('pg_restore', args, { url, signal })
  if (list !== undefined) await removeDataList(list)
  if (code !== 0) {
    throw new TidemarkError({
      code: 'TM5041',
      message: `${entry.file} was not restored (rolled back): ${stderr.split('\n').slice(0, 5).join('\n')}`,
      help: 'the dumps before it in the plan are restored and stay; fix the problem that pg_restore reports and run it again',
      details: { migration: entry.migrationId, file: entry.file, pgRestore: stderr },
    })
  }
  const tables = entry.tables.map((table) => `${table.schema}.${table.name}`)
  const details = { restored: { run: runId, file: entry.file, tables } }
  const values = { ...runValues(run, undefined, details), id: entry.migrationId }
  await execute(connection, recordRestore(schema, values))
}

const recordRestore = defineStatement<RunValues & { readonly id: string }>((tools) => {
  const { schema, parameter } = tools
  const restored = sql`${sql.id(schema, 'schema_migrations')} where id = ${parameter('id', 'text')}`
  return insertAttempt(schema, restored, {
    migration_id: sql`id`,
    status: sql`status`,
    direction: sql.lit('repair'),
    checksum: sql`checksum`,
    ...runColumns(tools),
  })
})

/** An archive is read by a program as new as the one that wrote it. */
function newest(a: string, b: string): string {
  return Number.parseInt(a, 10) >= Number.parseInt(b, 10) ? a : b
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
