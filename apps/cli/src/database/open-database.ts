import { type CatalogScope, isSpecialSchema, type MigrationDatabase } from '@tidemark/core'
import { createServerDatabase } from '@tidemark/pg-driver'
import { isEmbeddedUrl } from '../config/embedded-url.ts'
import type { DatabaseSettings } from './require-database.ts'

/**
 * Makes core's port for the configured database; nothing is connected yet. Only the engine that is needed is
 * loaded.
 */
export async function openDatabase(settings: DatabaseSettings): Promise<MigrationDatabase> {
  const { database } = settings
  if (isEmbeddedUrl(database)) {
    const { createEmbeddedDatabase } = await import('@tidemark/embedded')
    return createEmbeddedDatabase({
      ...engineOptions(settings),
      database,
      profile: settings.embeddedProfile,
      projectFolder: settings.folder,
    })
  }
  return createServerDatabase(serverOptions(settings))
}

/** How the configured server is reached, under the names of the libraries. */
export function serverOptions(settings: DatabaseSettings) {
  const { database, directUrl, connectTimeoutMs } = settings
  return { ...engineOptions(settings), database, directUrl, connectTimeout: connectTimeoutMs }
}

/** Which part of the schema a run records the fingerprint of. */
export function trackedScope({
  drift,
  searchPath,
}: Pick<DatabaseSettings, 'drift' | 'searchPath'>): CatalogScope {
  const { excludeSchemas, excludeObjects } = drift
  // Other schemas may be those of other tenants.
  const named = searchPath?.filter((name) => !isSpecialSchema(name)) ?? []
  const includeSchemas = drift.includeSchemas ?? (named.length === 0 ? undefined : named)
  return {
    ...(includeSchemas === undefined ? {} : { includeSchemas }),
    ...(excludeSchemas === undefined ? {} : { excludeSchemas }),
    ...(excludeObjects === undefined ? {} : { excludeObjects }),
  }
}

/** The settings that every engine shares, under the names of the libraries. */
function engineOptions(settings: DatabaseSettings) {
  return {
    schema: settings.schema,
    searchPath: settings.searchPath,
    createSchema: settings.createSchema,
    readers: settings.readers,
    rowSecurity: settings.rowSecurity,
    trackDrift: settings.trackDrift ? trackedScope(settings) : false,
    lockTimeout: settings.lockTimeoutMs,
    lockRetries: settings.lockRetries,
    statementTimeout: settings.statementTimeoutMs,
    batchTime: settings.batchTimeMs,
    maxLag: settings.maxLagMs,
    commits: settings.commits,
  }
}
