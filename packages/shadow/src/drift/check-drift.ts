import {
  type Catalog,
  type CatalogScope,
  compatibleCatalog,
  differenceKey,
  type History,
  type MigrationRow,
  NEWEST_CATALOG_MAJOR,
  OLDEST_CATALOG_MAJOR,
  type ReadingSession,
  readCatalog,
  scopeCatalog,
  TidemarkError,
  withApplications,
  withoutManagedSchemas,
} from '@tidemark/core'
import { openShadow } from '../open-shadow.ts'
import type { NotChecked, Shadow } from '../port/shadow.ts'
import { listDependents } from '../prefix/plan-order.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { sortAccepted } from './accepted.ts'
import type { AcceptedDrift, DriftReport } from './drift.ts'
import { findDrift, OWNER_FACETS } from './find-drift.ts'
import { withMigratingRole } from './migrating-role.ts'
import { originalId, readStoredMigrations, type StoredMigrations } from './stored-migrations.ts'

/** Options of {@link checkDrift}. */
export interface DriftOptions {
  /** The database that is looked at; it is only read. */
  readonly reader: ReadingSession
  /** How the shadow is opened; its migrations are those that the database has stored. */
  readonly shadow?: Omit<ShadowOptions, 'migrations'> | undefined
  /** Default: the whole database but what a service manages. */
  readonly scope?: CatalogScope | undefined
  /** Owners and grantors differ between servers. Default `ignored`. */
  readonly owners?: 'ignored' | 'compared' | undefined
  readonly accepted?: readonly AcceptedDrift[] | undefined
}

/** Hides passwords, and is the same for all catalogs of one comparison. */
type Read = (session: Parameters<typeof readCatalog>[0]) => Promise<Catalog>

/**
 * Tells whether a database is what its migrations make: runs what it says is applied on a shadow, from the SQL
 * that it has stored, and compares the two. Nothing is written, neither here nor there.
 *
 * @throws TidemarkError TM5060 for a server older than 14 or newer than 18, and what reading throws.
 * @example
 * const { drift } = await checkDrift({ reader })
 */
export async function checkDrift(options: DriftOptions): Promise<DriftReport> {
  const { reader, accepted = [] } = options
  refuseUnknownVersion(reader.serverVersion)
  const schema = reader.target.schema
  const secretKey = crypto.randomUUID()
  const read: Read = (session) => readCatalog(session, { secretKey })
  const [history, attempts] = [await reader.store.readHistory(), await reader.store.listAttempts({})]
  const rows = listApplied(withApplications(history, attempts))
  const stored = readStoredMigrations(rows, await reader.store.readStored(rows.map(({ id }) => id)))
  const found = await read(reader.catalog)
  const replayed = await replay({ ...options.shadow, schema }, stored, read)
  const scope = withoutManagedSchemas({ ...options.scope, trackingSchema: schema }, found)
  const majors = [majorOf(reader.serverVersion), majorOf(replayed.shadow.serverVersion)] as const
  const comparable = (catalog: Catalog) =>
    scopeCatalog(compatibleCatalog(withMigratingRole(catalog, schema), majors), scope)
  const catalogs = {
    empty: comparable(replayed.empty),
    expected: comparable(replayed.expected),
    found: comparable(found),
  }
  const difference = findDrift(catalogs, options.owners === 'compared' ? [] : OWNER_FACETS)
  return {
    ...sortAccepted(difference, accepted),
    notOurs: difference.notOurs.map(differenceKey),
    notChecked: replayed.notChecked,
    serverVersion: reader.serverVersion,
    shadow: replayed.shadow,
  }
}

/** What is applied; what a squash has replaced is part of the squash. */
function listApplied(history: History): readonly MigrationRow[] {
  if (history.kind === 'absent') return []
  return history.rows.filter(({ status, replacedBy }) => status === 'completed' && replacedBy === null)
}

interface Replayed {
  readonly shadow: DriftReport['shadow']
  readonly empty: Catalog
  readonly expected: Catalog
  readonly notChecked: readonly NotChecked[]
}

/**
 * Reads the catalog of a shadow before and after the migrations. One that fails on an empty database is left out
 * with its dependents, and the others run again.
 */
async function replay(
  options: Omit<ShadowOptions, 'migrations'>,
  { migrations, unreadable }: StoredMigrations,
  read: Read,
  failed: readonly NotChecked[] = [],
): Promise<Replayed> {
  const shadow = await openShadow(options)
  const gone = new Set(failed.map(({ migrationId }) => migrationId))
  let failure: NotChecked
  try {
    const empty = await readShadow(shadow, read)
    await shadow.apply(migrations.filter(({ id }) => !gone.has(id)))
    const { engine, serverVersion } = shadow
    return {
      shadow: { engine, serverVersion },
      empty,
      expected: await readShadow(shadow, read),
      notChecked: [...unreadable, ...[...failed, ...shadow.notChecked].map(withOriginalId)],
    }
  } catch (error) {
    const id = error instanceof TidemarkError ? error.details['migration'] : undefined
    if (!(error instanceof TidemarkError) || typeof id !== 'string') throw error
    failure = { migrationId: id, why: `fails on an empty database: ${error.message}` }
  } finally {
    await shadow.close()
  }
  const dependents = listDependents(migrations, [failure.migrationId])
  return replay(options, { migrations, unreadable }, read, [...failed, failure, ...dependents])
}

function withOriginalId({ migrationId, why }: NotChecked): NotChecked {
  return { migrationId: originalId(migrationId), why: why.replaceAll(/\b\d{6}_(?=\S)/g, '') }
}

async function readShadow(shadow: Shadow, read: Read): Promise<Catalog> {
  const connection = await shadow.connect()
  try {
    return await read(connection)
  } finally {
    await connection.close()
  }
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

function refuseUnknownVersion(version: string): void {
  const major = majorOf(version)
  if (major >= OLDEST_CATALOG_MAJOR && major <= NEWEST_CATALOG_MAJOR) return
  throw new TidemarkError({
    code: 'TM5060',
    message: `the schema of PostgreSQL ${version} cannot be compared`,
    help: `drift is found on PostgreSQL ${OLDEST_CATALOG_MAJOR} to ${NEWEST_CATALOG_MAJOR}; nothing was checked`,
  })
}
