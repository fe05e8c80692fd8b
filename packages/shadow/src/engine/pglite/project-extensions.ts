import { createHash } from 'node:crypto'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ExtensionArchives, findInstalledExtensions } from '@tidemark/embedded'
import { STUBS, stubFolder } from '../../stub-files.ts'

/** Extensions that a project has installed, those that are stood in for, and what tells one set of them from another. */
export interface ProjectExtensions {
  readonly archives: ExtensionArchives
  readonly identity: string
}

/** Finds the extensions whose packages are installed in a project, and stands in for others. */
export function findProjectExtensions(projectFolder: string): ProjectExtensions {
  const found = findInstalledExtensions(projectFolder)
  const digest = createHash('sha256')
  for (const path of new Set(Object.values(found))) digest.update(readFileSync(path))
  const stubs = STUBS.map((name) => [name, stubFolder(name)] as const)
  for (const [, folder] of stubs)
    for (const file of readdirSync(folder).sort()) digest.update(readFileSync(join(folder, file)))
  return { archives: { ...Object.fromEntries(stubs), ...found }, identity: digest.digest('hex') }
}
