import { homedir, platform } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { env } from 'node:process'

/**
 * Names the folder for what this user's processes may make again at any time: `XDG_CACHE_HOME`, or where
 * macOS, Windows and others keep such things. The folder need not exist. A relative `XDG_CACHE_HOME` is
 * passed over, as the [XDG Base Directory
 * Specification](https://specifications.freedesktop.org/basedir-spec/latest/) demands.
 *
 * @throws Error where the user has no home folder.
 * @example cacheDirectory().includes('tidemark') // true
 */
export function cacheDirectory(): string {
  const named = env['XDG_CACHE_HOME'] ?? ''
  if (isAbsolute(named)) return join(named, 'tidemark')
  if (platform() === 'darwin') return join(homeFolder(), 'Library', 'Caches', 'tidemark')
  if (platform() === 'win32')
    return join(env['LOCALAPPDATA'] ?? join(homeFolder(), 'AppData', 'Local'), 'tidemark')
  return join(homeFolder(), '.cache', 'tidemark')
}

/** `HOME` may be set and empty. */
function homeFolder(): string {
  const home = homedir()
  if (!isAbsolute(home)) throw new Error(`"${home}" is not a home folder`)
  return home
}
