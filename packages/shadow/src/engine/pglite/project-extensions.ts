import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import type { ExtensionArchives } from '@tidemark/embedded'
import { STUBS, stubFolder } from '../../stub-files.ts'

/** Extensions of PGlite that come in packages of their own, and the archive in the package. */
const PACKAGES: Readonly<Record<string, readonly [packageName: string, archive: string]>> = {
  vector: ['@electric-sql/pglite-pgvector', 'vector'],
  pgtap: ['@electric-sql/pglite-pgtap', 'pgtap'],
  postgis: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_topology: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_raster: ['@electric-sql/pglite-postgis', 'postgis'],
  postgis_tiger_geocoder: ['@electric-sql/pglite-postgis', 'postgis'],
}

/** Extensions that a project has installed, those that are stood in for, and what tells one set of them from another. */
export interface ProjectExtensions {
  readonly archives: ExtensionArchives
  readonly identity: string
}

/**
 * Finds the extensions whose packages are installed in a project, such as pgvector in
 * `@electric-sql/pglite-pgvector`.
 */
export function findProjectExtensions(projectFolder: string): ProjectExtensions {
  const require = createRequire(join(projectFolder, 'package.json'))
  const found = Object.entries(PACKAGES).flatMap(([name, [packageName, archive]]) => {
    const path = archiveIn(require, packageName, archive)
    return path === undefined ? [] : [[name, path] as const]
  })
  const digest = createHash('sha256')
  for (const path of new Set(found.map(([, archive]) => archive))) digest.update(readFileSync(path))
  const stubs = STUBS.map((name) => [name, stubFolder(name)] as const)
  for (const [, folder] of stubs)
    for (const file of readdirSync(folder).sort()) digest.update(readFileSync(join(folder, file)))
  return { archives: Object.fromEntries([...stubs, ...found]), identity: digest.digest('hex') }
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
