import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { clearDirectory, inspectDirectory } from './directory/clear-directory.ts'
import { lockDirectory } from './directory/directory-lock.ts'
import { parseEmbeddedUrl } from './embedded-url.ts'
import { foreignDirectory } from './foreign-directory.ts'

/**
 * Empties the data directory of an embedded database; the next connection makes a new one there. Its folder stays,
 * and a folder that is no data directory is refused.
 *
 * @returns false where there was none: nothing at this place, or one in memory.
 * @throws TidemarkError TM5030 when another process has it open, TM5031 when it is no data directory.
 * @example await dropEmbeddedDatabase('pglite:.tidemark/db')
 */
export async function dropEmbeddedDatabase(url: string): Promise<boolean> {
  const location = parseEmbeddedUrl(url)
  if (location?.kind !== 'directory' || !existsSync(location.path)) return false
  const directory = await realpath(location.path)
  const found = await inspectDirectory(directory)
  if (found === 'empty') return false
  if (found === 'foreign') throw await foreignDirectory(directory)
  const lock = await lockDirectory(directory)
  try {
    await clearDirectory(directory)
    return true
  } finally {
    await lock.release()
  }
}
