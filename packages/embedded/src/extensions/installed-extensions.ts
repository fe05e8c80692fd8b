import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ExtensionArchives } from './extension-archives.ts'

/** Extensions of PGlite that come in packages of their own, and the archive in the package. */
const PACKAGES: Readonly<Record<string, readonly [packageName: string, archive: string]>> = {
  vector: ['@electric-sql/pglite-pgvector', 'vector'],
  pgtap: ['@electric-sql/pglite-pgtap', 'pgtap'],
  postgis: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_topology: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_raster: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_tiger_geocoder: ['@electric-sql/pglite-postgis', 'postgis'],
}

/**
 * Finds the extensions whose packages are installed in a project, such as pgvector in
 * `@electric-sql/pglite-pgvector`.
 *
 * @example findInstalledExtensions(process.cwd())['vector'] // the path of its archive
 */
export function findInstalledExtensions(projectFolder: string): ExtensionArchives {
  const require = createRequire(join(projectFolder, 'package.json'))
  return Object.fromEntries(
    Object.entries(PACKAGES).flatMap(([name, [packageName, archive]]) => {
      const path = archiveIn(require, packageName, archive)
      return path === undefined ? [] : [[name, path] as const]
    }),
  )
}

/** Names the package that has an extension; undefined where none is known. */
export function packageOf(extension: string): string | undefined {
  return PACKAGES[extension]?.[0]
}

function archiveIn(require: NodeJS.Require, packageName: string, archive: string): string | undefined {
  try {
    const path = join(dirname(require.resolve(packageName)), `${archive}.tar.gz`)
    return existsSync(path) ? path : undefined
  } catch {
    return undefined
  }
}
