import {
  type Catalog,
  type CatalogDifference,
  type CatalogScope,
  compareCatalogs,
  type Diagnostic,
  MANAGED_SCHEMAS,
  parseMigration,
  readCatalog,
  refusedError,
  scopeCatalog,
} from '@tidemark/core'
import type { Connection, Wire } from '@tidemark/pg-driver/engine'
import { openShadow } from '../open-shadow.ts'
import type { NotChecked, Shadow } from '../port/shadow.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { readDump } from '../snapshot/dump-entries.ts'
import { formatDump, selectEntries } from '../snapshot/format-snapshot.ts'
import { dump } from '../snapshot/take-snapshot.ts'
import { isManaged, UNREAD_SCHEMAS } from './managed-entries.ts'
import { catalogWithoutManagedRoles, withoutManagedRoles } from './managed-roles.ts'

/** Sessions of a database that is only read. */
export interface LiveDatabase {
  connect(): Promise<Connection>
  openWire(): Promise<Wire>
}

/** What {@link draftBaseline} takes. */
export interface DraftBaselineOptions {
  readonly live: LiveDatabase
  /** The path of the migration, whose name is its id, such as `migrations/001_baseline.sql`. */
  readonly path: string
  /** The shadow on which it is proved; its migrations are none. */
  readonly shadow?: Omit<ShadowOptions, 'migrations' | 'target'>
}

/** A first migration, and how it was proved. */
export interface BaselineDraft {
  /** The text of the file. */
  readonly text: string
  /** Objects that it makes, tables among them. */
  readonly objects: number
  readonly tables: number
  readonly proof: BaselineProof
}

/** What applying the draft to an empty shadow came to. */
export type BaselineProof =
  /** The shadow has the same catalog. */
  | { readonly kind: 'equal'; readonly serverVersion: string }
  /** The shadow is of another major version, or could not run it. */
  | { readonly kind: 'not_checked'; readonly why: string }
  /** The catalogs differ. */
  | { readonly kind: 'differs'; readonly differences: readonly CatalogDifference[] }

/** Owners and grantors follow from who runs a migration. */
const NOT_COMPARED = { ignoredFacets: ['owner', 'grantors'] }

/**
 * Drafts a first migration from a database that has a schema and no migrations, with `pg_dump`, and applies it
 * to an empty shadow: the catalogs must be the same. What a managed service keeps in the database is left out.
 * The database is only read.
 *
 * @throws TidemarkError TM5053 when `pg_dump` fails, the code of a run when the draft does.
 */
export async function draftBaseline({
  live,
  path,
  shadow: options = {},
}: DraftBaselineOptions): Promise<BaselineDraft> {
  const { schema: trackingSchema = 'public', profile = 'plain' } = options
  const found = await readLive(live)
  const text = await dump(live, UNREAD_SCHEMAS)
  const shadow = await openShadow({
    ...options,
    // A dump names every schema, and creates it.
    searchPath: undefined,
    target: { systemIdentifier: found.systemIdentifier, serverVersion: found.serverVersion },
  })
  try {
    const { settings, entries } = selectEntries({
      dump: text,
      emptyDump: profile === 'plain' ? undefined : await dump(shadow, UNREAD_SCHEMAS),
      trackingSchema,
    })
    const own = entries.filter((entry) => !isManaged(entry)).flatMap(withoutManagedRoles)
    const sql = formatDump({ settings, entries: own, user: found.user })
    const draft = `${HEADER}\n-- @up\n${sql}`
    const scope = {
      excludeSchemas: [...new Set(Object.values(MANAGED_SCHEMAS).flat())],
      excludeObjects: readDump(text)
        .entries.filter((entry) => entry.schema === undefined && isManaged(entry))
        .map(({ name }) => name),
      trackingSchema,
    }
    const proof = await prove(shadow, { path, text: draft, live: found, scope })
    return {
      text: draft,
      objects: own.length,
      tables: own.filter(({ type }) => type === 'TABLE').length,
      proof,
    }
  } finally {
    await shadow.close()
  }
}

const HEADER = `-- Description: the schema that the database had before Tidemark
-- Type: custom_sql
-- Depends on: []
`

interface LiveFacts {
  readonly catalog: Catalog
  readonly user: string
  readonly serverVersion: string
  readonly systemIdentifier: string | null
}

async function readLive(live: LiveDatabase): Promise<LiveFacts> {
  const connection = await live.connect()
  try {
    const { rows } = await connection.query<Omit<LiveFacts, 'catalog' | 'systemIdentifier'>>(
      `SELECT current_user::text AS user, pg_catalog.current_setting('server_version') AS "serverVersion"`,
    )
    const [facts] = rows
    if (facts === undefined) throw new TypeError('the server answered no row to SELECT without FROM')
    return {
      ...facts,
      systemIdentifier: await readSystemIdentifier(connection),
      catalog: await readCatalog(connection),
    }
  } finally {
    await connection.close()
  }
}

/** A hosted server may not let its users read it. */
async function readSystemIdentifier(connection: Connection): Promise<string | null> {
  try {
    const { rows } = await connection.query<{ id: string }>(
      'SELECT system_identifier::text AS id FROM pg_catalog.pg_control_system()',
    )
    return rows[0]?.id ?? null
  } catch {
    return null
  }
}

interface Proving {
  readonly path: string
  readonly text: string
  readonly live: LiveFacts
  readonly scope: CatalogScope
}

async function prove(shadow: Shadow, { path, text, live, scope }: Proving): Promise<BaselineProof> {
  const parsed = parseMigration({ path, text })
  if (!parsed.ok) throw refusedError(parsed.error satisfies readonly Diagnostic[])
  await shadow.apply([parsed.value.migration])
  const [missing] = shadow.notChecked
  if (missing !== undefined) return { kind: 'not_checked', why: reasonOf(missing) }
  const differences = compareCatalogs(
    scopeCatalog(catalogWithoutManagedRoles(live.catalog), scope),
    scopeCatalog(await readShadow(shadow), scope),
    NOT_COMPARED,
  )
  if (differences.length === 0) return { kind: 'equal', serverVersion: shadow.serverVersion }
  const [own, other] = [live.serverVersion, shadow.serverVersion].map((version) =>
    Number.parseInt(version, 10),
  )
  if (own === other) return { kind: 'differs', differences }
  return {
    kind: 'not_checked',
    why: `the database is PostgreSQL ${own} and the shadow PostgreSQL ${other}, which describe some things in another way`,
  }
}

function reasonOf({ why }: NotChecked): string {
  return `the migration ${why}`
}

async function readShadow(shadow: Shadow): Promise<Catalog> {
  const connection = await shadow.connect()
  try {
    return await readCatalog(connection)
  } finally {
    await connection.close()
  }
}
