import type { History, Migration, RunIdentity, TidemarkError } from '@tidemark/core'
import type { Connection } from '../../connection/connection.ts'
import { SEPARATOR } from '../../connection/file-statement.ts'
import type { CompiledStatement } from '../../statement/compiled-statement.ts'
import { inlineParameters } from '../../statement/inline-parameters.ts'
import { createTrackingStore } from '../read/tracking-store.ts'
import { inspectTracking } from '../schema/inspect.ts'
import { findWriteRefusal } from '../schema/tracking-errors.ts'
import { TRACKING_TABLES } from '../schema/tracking-schema.ts'
import { createSchemas, type InstallOptions, installTracking } from './install.ts'
import { findUnreconciledRows, reconcileStatements, type UnexplainedRow } from './reconcile.ts'
import { findUnregistered, registerStatement } from './register.ts'
import { relaxRowSecurity } from './relax-row-security.ts'
import { findUnstorableFiles, listUnstored, storableRun, type UnstorableFiles } from './unstorable-text.ts'

/** What {@link prepareTracking} needs. */
export interface PrepareOptions extends InstallOptions {
  readonly migrations: readonly Migration[]
  readonly run: RunIdentity
  /** Those to create first. */
  readonly missingSchemas?: readonly string[]
}

/** The history after preparing. */
export interface PreparedTracking {
  readonly history: History
  /** A row was written. */
  readonly changed: boolean
  /** The summary row is older than what it sums up. */
  readonly isSummaryBehind: boolean
  /** Whether DDL runs code of the database's own. */
  readonly hasEventTriggers: boolean
  /** Why no step could be recorded: thrown once there is one. */
  readonly refusal: TidemarkError | null
  /** Row level security that an older version turned on was turned off. */
  readonly isRelaxed: boolean
  /** Files that are not registered, since the database's encoding lacks a character of them. */
  readonly unstorable: UnstorableFiles
  /** The run as it can be recorded. */
  readonly run: RunIdentity
}

/**
 * Creates or upgrades the tracking tables, keeps edits by hand, fails what a dead run left `running`, and
 * registers every file. Under the run lock, in no transaction. When nothing is to be done: three queries in
 * one round trip, no write. Throws what {@link installTracking} throws, and TM5013 or TM3005 when something
 * is to be written and cannot be.
 */
export async function prepareTracking(
  connection: Connection,
  options: PrepareOptions,
): Promise<PreparedTracking> {
  const { schema, readers, migrations } = options
  let areOurs = false
  const store = createTrackingStore(connection, schema, () => areOurs)
  const [history, state, unreconciledRows] = await Promise.allSettled([
    store.readHistory(),
    inspectTracking(connection, schema, readers),
    findUnreconciledRows(connection, schema),
  ])
  const found = settledValue(state)
  const refusal = findWriteRefusal(found, schema)
  if (found.readOnly !== null && found.tables.length < TRACKING_TABLES.length && refusal !== null)
    throw refusal
  const created = await createSchemas(connection, options.missingSchemas ?? [], refusal)
  const installed = await installTracking(
    connection,
    created.has(schema) ? { ...found, schemaExists: true } : found,
    options,
  )
  areOurs = refusal === null
  const known = installed === 'installed' ? await store.readHistory() : settledValue(history)
  const { rows, isSummaryBehind } =
    installed === 'installed'
      ? await findUnreconciledRows(connection, schema)
      : settledValue(unreconciledRows)
  const run = await storableRun(connection, options.run)
  const unstorable = await findUnstorableFiles(connection, listUnstored(known, migrations))
  const storable = migrations.filter(({ id }) => !unstorable.has(id))
  const statements = writesOf({ schema, known, rows, migrations: storable, run })
  const isRelaxed = refusal === null && (await relaxRowSecurity(connection, found, options))
  const { hasEventTriggers } = found
  const prepared = { hasEventTriggers, refusal, isRelaxed, unstorable, run }
  if (statements.length === 0) return { ...prepared, history: known, changed: false, isSummaryBehind }
  if (refusal !== null) throw refusal
  // One message is one transaction.
  await connection.query(statements.map(inlineParameters).join(SEPARATOR))
  return { ...prepared, history: await store.readHistory(), changed: true, isSummaryBehind: true }
}

function writesOf(input: {
  readonly schema: string
  readonly known: History
  readonly rows: readonly UnexplainedRow[]
  readonly migrations: readonly Migration[]
  readonly run: RunIdentity
}): readonly CompiledStatement[] {
  const { schema, known, rows, migrations, run } = input
  const reset = new Set(rows.filter(({ status }) => status === 'pending').map(({ id }) => id))
  const unregistered = findUnregistered(known, migrations)
  const files = [...new Set([...unregistered, ...migrations.filter(({ id }) => reset.has(id))])]
  return [
    ...reconcileStatements(schema, rows, migrations, run.toolVersion),
    ...(files.length === 0 ? [] : [registerStatement(schema, files)]),
  ]
}

function settledValue<T>(settled: PromiseSettledResult<T>): T {
  if (settled.status === 'rejected') throw settled.reason
  return settled.value
}
