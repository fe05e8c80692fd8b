import {
  type Catalog,
  type CatalogScope,
  compareCatalogs,
  compatibleCatalog,
  differenceKey,
  type History,
  type MigrationAttempt,
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
import type { Shadow } from '../port/shadow.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { sortAccepted } from './accepted.ts'
import type { AcceptedDrift, DriftReport } from './drift.ts'
import { findDrift, OWNER_FACETS } from './find-drift.ts'
import { withMigratingRole } from './migrating-role.ts'
import { type Replayed, replayStored } from './replay-stored.ts'
import { readStoredMigrations, type StoredMigrations } from './stored-migrations.ts'

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

/**
 * Tells whether a database is what its migrations make: runs what it says is applied on a shadow, from the SQL
 * that it has stored, and compares the two. Nothing is written, neither here nor there.
 *
 * @throws TidemarkError TM5060 for a server older than 14 or newer than 18, and what reading throws.
 * @example
 * const { drift } = await checkDrift({ reader })
 */
export async function checkDrift(options: DriftOptions): Promise<DriftReport> {
  const { reader } = options
  refuseUnknownVersion(reader.serverVersion)
  const secretKey = crypto.randomUUID()
  const { stored } = await readApplied(reader)
  const found = await readCatalog(reader.catalog, { secretKey })
  const { serverVersion, target } = reader
  const { schema } = target
  const replayed = await replayStored({ ...options.shadow, schema }, stored)
  try {
    const { shadow } = replayed
    const comparable = comparableCatalogs({
      scope: { ...options.scope, trackingSchema: schema },
      found,
      versions: [serverVersion, shadow.serverVersion],
    })
    return await compareWithReplayed(options, {
      replayed,
      comparable,
      expected: comparable(await readShadow(shadow, secretKey)),
      found: comparable(found),
      secretKey,
      serverVersion,
      schema,
    })
  } finally {
    await replayed.shadow.close()
  }
}

/** What a database remembers of its migrations. */
export interface Applied {
  readonly stored: StoredMigrations
  readonly attempts: readonly MigrationAttempt[]
}

/** What a database without tracking tables says. */
export const NOTHING_APPLIED: Applied = { stored: readStoredMigrations([], new Map()), attempts: [] }

/** Reads what a database says is applied, as migrations; what a squash has replaced is part of the squash. */
export async function readApplied({ store }: Pick<ReadingSession, 'store'>): Promise<Applied> {
  const [history, attempts] = [await store.readHistory(), await store.listAttempts({})]
  const rows = listApplied(withApplications(history, attempts))
  const stored = readStoredMigrations(rows, await store.readStored(rows.map(({ id }) => id)))
  return { stored, attempts }
}

function listApplied(history: History): readonly MigrationRow[] {
  if (history.kind === 'absent') return []
  return history.rows.filter(({ status, replacedBy }) => status === 'completed' && replacedBy === null)
}

/** What {@link compareWithReplayed} compares. */
export interface ReplayedAndFound {
  readonly replayed: Replayed
  readonly comparable: (catalog: Catalog) => Catalog
  /** What the shadow has, comparable. */
  readonly expected: Catalog
  /** What the database has, comparable. */
  readonly found: Catalog
  /** With which they were read: the same hides passwords in both. */
  readonly secretKey: string
  /** Of the database. */
  readonly serverVersion: string
  /** The schema of the tracking tables. */
  readonly schema: string
}

/** Compares a database with a shadow of what it says is applied. */
export async function compareWithReplayed(
  options: Omit<DriftOptions, 'reader'>,
  { replayed, comparable, expected, found, secretKey, serverVersion, schema }: ReplayedAndFound,
): Promise<DriftReport> {
  const { shadow, notChecked } = replayed
  const ignored = options.owners === 'compared' ? [] : OWNER_FACETS
  const isSame = compareCatalogs(expected, found, { ignoredFacets: ignored }).length === 0
  const read = () => readEmpty({ ...options.shadow, schema }, secretKey)
  const difference = isSame
    ? { drift: [], notOurs: [] }
    : findDrift({ empty: comparable(await read()), expected, found }, ignored)
  return {
    ...sortAccepted(difference, options.accepted ?? []),
    notOurs: difference.notOurs.map(differenceKey),
    notChecked,
    serverVersion,
    shadow: { engine: shadow.engine, serverVersion: shadow.serverVersion },
  }
}

/** What makes catalogs of a database and of its shadow comparable. */
export interface Comparing {
  readonly scope: CatalogScope & { readonly trackingSchema: string }
  /** The catalog of the database: it tells which services manage schemas there. */
  readonly found: Catalog
  readonly versions: readonly [string, string]
}

/** Gives what is done with a catalog before it is compared: the same for both. */
export function comparableCatalogs({ scope, found, versions }: Comparing): (catalog: Catalog) => Catalog {
  const whole = withoutManagedSchemas(scope, found)
  const [own, other] = versions
  const majors = [majorOf(own), majorOf(other)] as const
  return (catalog) =>
    scopeCatalog(compatibleCatalog(withMigratingRole(catalog, scope.trackingSchema), majors), whole)
}

/** Reads what a shadow has. */
export async function readShadow(shadow: Pick<Shadow, 'connect'>, secretKey: string): Promise<Catalog> {
  const connection = await shadow.connect()
  try {
    return await readCatalog(connection, { secretKey })
  } finally {
    await connection.close()
  }
}

async function readEmpty(options: Omit<ShadowOptions, 'migrations'>, secretKey: string): Promise<Catalog> {
  const shadow = await openShadow(options)
  try {
    return await readShadow(shadow, secretKey)
  } finally {
    await shadow.close()
  }
}

function majorOf(version: string): number {
  return Number.parseInt(version, 10)
}

/** Refuses a server whose catalog is not known. @throws TidemarkError TM5060. */
export function refuseUnknownVersion(version: string): void {
  const major = majorOf(version)
  if (major >= OLDEST_CATALOG_MAJOR && major <= NEWEST_CATALOG_MAJOR) return
  throw new TidemarkError({
    code: 'TM5060',
    message: `the schema of PostgreSQL ${version} cannot be compared`,
    help: `drift is found on PostgreSQL ${OLDEST_CATALOG_MAJOR} to ${NEWEST_CATALOG_MAJOR}; nothing was checked`,
  })
}
