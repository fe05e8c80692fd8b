import { existsSync } from 'node:fs'
import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { LOCK_NAME } from './directory-lock.ts'

/** In a data directory: its layout, or its removal, was begun and not finished. */
const LAYOUT_MARK = 'tidemark.layout'

/** Whether a data directory holds a database. */
export type DirectoryContents = 'empty' | 'partial' | 'complete' | 'foreign'

/**
 * Looks at a directory. With `PG_VERSION` it is complete; with the mark alone it is what an interrupted layout,
 * or an interrupted {@link clearDirectory}, left.
 */
export async function inspectDirectory(directory: string): Promise<DirectoryContents> {
  const names = await listContents(directory)
  if (names.includes('PG_VERSION')) return 'complete'
  if (names.includes(LAYOUT_MARK)) return 'partial'
  return names.length === 0 ? 'empty' : 'foreign'
}

/** Lists what is in a directory beside its lock. */
export async function listContents(directory: string): Promise<readonly string[]> {
  if (!existsSync(directory)) return []
  return (await readdir(directory)).filter((name) => !name.startsWith(LOCK_NAME))
}

/**
 * Removes everything but the lock from a data directory that is locked. Killed on the way, it leaves a directory
 * that is partial: the next start clears the rest.
 */
export async function clearDirectory(directory: string): Promise<void> {
  await writeFile(join(directory, LAYOUT_MARK), '', { mode: 0o600 })
  const others = (await listContents(directory)).filter((name) => name !== LAYOUT_MARK)
  for (const name of ['PG_VERSION', ...others, LAYOUT_MARK]) {
    await rm(join(directory, name), { recursive: true, force: true })
  }
}
