import { baseName, type ForeignText } from '../../foreign/foreign-project.ts'
import type { NamedFile } from './named-files.ts'

/**
 * The name of a pair without the word for its direction, else the name of the file. The folder's name where
 * that says nothing (`NAME/up.sql`), and in front of it where two folders have the same.
 */
export function nameMigrations(
  forward: readonly NamedFile[],
  pairs: ReadonlyMap<ForeignText, ForeignText>,
): readonly string[] {
  const paths = forward.map(({ file, stem }) =>
    trimNameless(pairs.has(file) || isNameless(stem) ? stem : file.name.slice(0, -'.sql'.length)),
  )
  const counts = new Map<string, number>()
  for (const path of paths) counts.set(baseName(path), (counts.get(baseName(path)) ?? 0) + 1)
  return paths.map((path, index) => {
    const name = (counts.get(baseName(path)) ?? 0) > 1 ? path.replaceAll('/', '_') : baseName(path)
    return name === '' ? nameOfFolder(forward[index]?.file) : name
  })
}

/** `up.sql` in the folder that was named: that folder's name, else its own. */
function nameOfFolder(file: ForeignText | undefined): string {
  const { path, name } = file ?? { path: '', name: '' }
  const [own = '', folder = own] = path.slice(0, -'.sql'.length).split('/').reverse()
  return path === name || folder === '.' ? own : folder
}

/** A path without its last part where that says nothing. */
export function trimNameless(path: string): string {
  return isNameless(path) && path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : path
}

function isNameless(path: string): boolean {
  return /^(?:|migration|migrate|script|query|sql)$/i.test(baseName(path))
}
