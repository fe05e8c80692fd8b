import { sha256Hex } from '../checksum/checksum.ts'
import type { Catalog } from './model/catalog.ts'
import type { CatalogMark } from './model/catalog-mark.ts'
import { fingerprintCatalog } from './model/fingerprint.ts'
import { catalogQuery } from './query/catalog-query.ts'
import type { CatalogSession } from './read/catalog-session.ts'
import { readCatalog } from './read/read-catalog.ts'
import type { CatalogScope } from './scope/catalog-scope.ts'
import { withoutManagedSchemas } from './scope/find-managed-services.ts'
import { scopeCatalog } from './scope/scope-catalog.ts'

const READER = `SELECT current_user::text AS role, current_setting('server_version_num')::int AS version,
  extract(epoch FROM clock_timestamp())::float8 AS now`

/**
 * Reads what tells whether a database's schema changes: the fingerprint of its catalog in a scope, without
 * what services manage there, and who read it.
 *
 * @throws what {@link readCatalog} throws.
 * @example
 * const now = await readCatalogMark(client, { trackingSchema: 'public' })
 * const { kind } = compareMarks(recorded, now)
 */
export async function readCatalogMark(session: CatalogSession, scope: CatalogScope): Promise<CatalogMark> {
  return markCatalog(session, await readCatalog(session), scope)
}

/**
 * Gives the mark of a catalog that a session has just read; asks it only who it is.
 *
 * @example const mark = await markCatalog(client, await readCatalog(client), { trackingSchema: 'public' })
 */
export async function markCatalog(
  session: CatalogSession,
  catalog: Catalog,
  scope: CatalogScope,
): Promise<CatalogMark> {
  const { ReaderSchema } = await import('./read/catalog-schemas.ts')
  const { role, version, now } = ReaderSchema.parse((await session.query(READER)).rows[0])
  return {
    fingerprint: fingerprintCatalog(scopeCatalog(catalog, withoutManagedSchemas(scope, catalog))),
    role,
    reading: sha256Hex(JSON.stringify([catalogQuery(version), scope])).slice(0, 16),
    recordedAt: new Date(now * 1000),
  }
}
