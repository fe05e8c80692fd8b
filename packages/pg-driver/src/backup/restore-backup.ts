import {
  maskSecrets,
  type PlanTarget,
  quoteIdentifier,
  type RunIdentity,
  TidemarkError,
} from '@tidemark/core'
import { sql } from 'kysely'
import type { Connection } from '../connection/connection.ts'
import { readAddress, type ServerAddress } from '../connection/driver-connection.ts'
import { sendMessage } from '../connection/send-message.ts'
import { isServerError } from '../connection/sql-state.ts'
import { pollLock } from '../lock/acquire-lock.ts'
import { lockKey } from '../lock/lock-key.ts'
import { releaseLock } from '../lock/run-lock.ts'
import { withOwnSettings } from '../save/own-settings.ts'
import { defineStatement, execute } from '../statement/compiled-statement.ts'
import { quoteParameter } from '../statement/inline-parameters.ts'
import { insertAttempt, type RunValues, runColumns, runValues } from '../tracking/write/insert-attempt.ts'
import { type BackupManifest, readManifest } from './backup-manifest.ts'
import { type Aside, compareRows, fillTable, orderByReference, putAside } from './fill-table.ts'
import { type OpenArchive, openArchives } from './open-archives.ts'
import { dropLaterCopies, planRestore, type RestoreStep } from './plan-restore.ts'
import { type ReadItem, readArchive } from './read-archive.ts'
import { quoteTable, readColumnsNow, type SavedTable, type TableState } from './table-state.ts'

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
 *   have changed since, TM6031 archive changed, TM5003 another run holds the lock, TM5041 restoring failed.
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
        const plan = await inTransaction(connection, 'COMMIT', async () => {
          const prepared = await prepare(options, connection, runId)
          await restorePrepared(connection, prepared)
          await recordRestored(options.schema, connection, { plan: prepared.plan, run })
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

async function readStates(
  connection: Connection,
  { path, tables, renamed }: OpenArchive,
  first: number,
): Promise<{ readonly states: readonly TableState[]; readonly asides: readonly Aside[] }> {
  const states: TableState[] = []
  const asides: Aside[] = []
  let relation: Extract<ReadItem, { item: 'relation' }> | undefined
  const ours = new Map(tables.map((table) => [quoteTable(table), table]))
  await readArchive(path, async (item, rows) => {
    if (item.item === 'relation') {
      relation = { ...item, ...renamed.get(quoteTable(item)) }
      const table = ours.get(quoteTable(relation))
      if (table === undefined) return
      const columns = await readColumnsNow(connection, table)
      states.push({ table, columns, rows: 'none' })
    }
    const state = states.at(-1)
    if (item.item !== 'rows' || relation === undefined || state?.columns == null) return
    const { table } = state
    if (quoteTable(table) !== quoteTable(relation) || !hasSameColumns(state)) return
    const columns = relation.columns.flatMap(({ name, generated }) =>
      generated ? [] : [quoteIdentifier(name)],
    )
    const aside = { table, name: `pg_temp.tidemark_saved_${first + asides.length}`, columns }
    await putAside(connection, aside, rows)
    asides.push(aside)
    states.splice(-1, 1, { ...state, rows: await compareRows(connection, aside) })
  })
  return { states, asides }
}

function hasSameColumns({ table, columns }: TableState): boolean {
  return [...table.columns].sort().join('\n') === [...(columns ?? [])].sort().join('\n')
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

/** @returns what is to be run when all tables are there. */
async function makeTables(
  connection: Connection,
  { path, origin, renamed }: OpenArchive,
  tables: readonly SavedTable[],
): Promise<readonly string[]> {
  const links: string[] = []
  const names = new Set(tables.map(quoteTable))
  let relation: Extract<ReadItem, { item: 'relation' }> | undefined
  await readArchive(path, async (item, rows) => {
    if (item.item === 'relation') relation = item
    if (relation === undefined) return
    const isMade = names.has(quoteTable({ ...relation, ...renamed.get(quoteTable(relation)) }))
    if (item.item === 'sequence') return setSequence(connection, item)
    if (!isMade) return
    switch (item.item) {
      case 'relation':
        await makeSchema(connection, item.schema)
        if (origin === 'unknown') await makePlainTable(connection, item)
        return
      case 'requirement':
        if (origin === 'recorded') await makeRequirement(connection, item)
        return
      case 'statement':
        if (origin === 'unknown') return
        if (item.phase === 'link') links.push(item.sql)
        else await connection.query(item.sql)
        return
      case 'rows':
        await copyRows(connection, relation, rows)
    }
  })
  return links
}

async function makeSchema(connection: Connection, schema: string): Promise<void> {
  const { rows } = await connection.query('SELECT FROM pg_namespace WHERE nspname = $1::text', [schema])
  if (rows.length === 0) await connection.query(`CREATE SCHEMA ${quoteIdentifier(schema)}`)
}

const LOOK = { type: 'to_regtype', function: 'to_regprocedure', sequence: 'to_regclass' } as const

async function makeRequirement(
  connection: Connection,
  { kind, name, sql: text }: Extract<ReadItem, { item: 'requirement' }>,
): Promise<void> {
  const { rows } = await connection.query<{ there: boolean }>(
    `SELECT ${LOOK[kind]}($1::text) IS NOT NULL AS there`,
    [name],
  )
  if (rows[0]?.there !== true) await connection.query(text)
}

/** A type and nothing else: what an edited archive puts there must not run. */
const TYPE = /^(?:[\w. ]|"(?:[^"]|"")*")+(?:\(\d+(?:, ?-?\d+)?\))?(?: with(?:out)? time zone)?(?:\[\])*$/

/** Of an archive whose origin is not known only names and types are taken. */
async function makePlainTable(
  connection: Connection,
  relation: Extract<ReadItem, { item: 'relation' }>,
): Promise<void> {
  const columns = relation.columns.map(({ name, type }) => {
    if (!TYPE.test(type))
      throw new TidemarkError({
        code: 'TM5041',
        message: `nothing was restored: "${type}" is not a type`,
        help: 'the archive was edited: restore from another copy',
        details: { reason: 'an edited archive', applied: [] },
      })
    return `${quoteIdentifier(name)} ${type}`
  })
  await connection.query(`CREATE TABLE ${quoteTable(relation)} (${columns.join(', ')})`)
}

async function copyRows(
  connection: Connection,
  relation: Extract<ReadItem, { item: 'relation' }>,
  rows: AsyncIterable<Uint8Array>,
): Promise<void> {
  const columns = relation.columns.flatMap(({ name, generated }) =>
    generated ? [] : [quoteIdentifier(name)],
  )
  const list = columns.length === 0 ? '' : ` (${columns.join(', ')})`
  await connection.copyIn(`COPY ${quoteTable(relation)}${list} FROM STDIN`, rows)
}

/** Never sets one back. */
async function setSequence(
  connection: Connection,
  { schema, name, value, called }: Extract<ReadItem, { item: 'sequence' }>,
): Promise<void> {
  const path = quoteTable({ schema, name })
  const { rows } = await connection.query<{ kind: string }>(
    "SELECT relkind::text AS kind FROM pg_class WHERE oid = to_regclass($1::text) AND relkind = 'S'",
    [path],
  )
  if (rows.length === 0) return
  const last = quoteParameter(value)
  await connection.query(
    `SELECT setval(${quoteParameter(path)}::regclass, ${last}::bigint, ${called}) FROM ${path}
     WHERE last_value < ${last}::bigint OR (last_value = ${last}::bigint AND NOT is_called)`,
  )
}

async function recordRestored(
  schema: string,
  connection: Connection,
  { plan, run }: { readonly plan: RestorePlan; readonly run: RunIdentity },
): Promise<void> {
  const { rows } = await connection.query<{ tracked: boolean }>(
    'SELECT to_regclass($1::text) IS NOT NULL AS tracked',
    [quoteTable({ schema, name: 'migration_history' })],
  )
  if (rows[0]?.tracked !== true) return
  for (const { entry, tables } of plan.steps) {
    const names = tables.map((table) => `${table.schema}.${table.name}`)
    const details = { restored: { run: plan.manifest.runId, file: entry.file, tables: names } }
    const values = { ...runValues(run, undefined, details), id: entry.migrationId }
    await execute(connection, recordRestore(schema, values))
  }
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
