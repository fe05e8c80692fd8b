import { homedir, platform } from 'node:os'
import { join } from 'node:path'
import { env } from 'node:process'

/**
 * Names the folder for what this user's processes may make again at any time: `XDG_CACHE_HOME`, or where macOS, Windows and others
 * keep such things. The folder need not exist.
 *
 * @throws Error where the user has no home folder.
 * @example cacheDirectory().includes('tidemark') // true
 */
export function cacheDirectory(): string {
  if (env['XDG_CACHE_HOME']) return join(env['XDG_CACHE_HOME'], 'tidemark')
  if (platform() === 'darwin') return join(homedir(), 'Library', 'Caches', 'tidemark')
  if (platform() === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local'), 'tidemark')
  return join(homedir(), '.cache', 'tidemark')
}
