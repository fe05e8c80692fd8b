import { resolve } from 'node:path'

const SCHEME = 'pglite:'

/**
 * Tells whether a database runs in this process: `pglite:PATH` or `pglite:memory`. Its engine is loaded only
 * then.
 */
export function isEmbeddedUrl(database: string): boolean {
  return database.startsWith(SCHEME)
}

/** Makes the path of an embedded database absolute; any other text stays as it is. */
export function resolveEmbeddedUrl(database: string, folder: string): string {
  const path = isEmbeddedUrl(database) ? database.slice(SCHEME.length) : ''
  return path === '' || path === 'memory' ? database : `${SCHEME}${resolve(folder, path)}`
}

/** The path of an embedded database; undefined for one on a server. */
export function embeddedPath(database: string): string | undefined {
  return isEmbeddedUrl(database) ? database.slice(SCHEME.length) : undefined
}
