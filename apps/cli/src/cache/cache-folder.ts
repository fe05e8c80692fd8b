import { lstatSync, mkdirSync, readdirSync, rmSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { env, geteuid } from 'node:process'
import { cacheDirectory } from '@tidemark/core/node'

declare const BUILD_ID: string | undefined

/** Differs between any two builds, written in by `scripts/build.js`; undefined in code that was not built. */
export const buildId: string | undefined = typeof BUILD_ID === 'string' ? BUILD_ID : undefined

/**
 * Finds a folder in the user's cache. Undefined where nothing may be kept: without a home folder, or in that
 * of another user, with Node's own `NODE_DISABLE_COMPILE_CACHE`, and while coverage is measured, which cached
 * code would falsify.
 */
export function findCacheFolder(name: string): string | undefined {
  if (env['NODE_DISABLE_COMPILE_CACHE'] || env['NODE_V8_COVERAGE']) return undefined
  return attempt(() => {
    const path = join(cacheDirectory(), name)
    return isOwnPath(path) ? path : undefined
  })
}

/**
 * Says whether only this user and the superuser decide where a path leads: every folder and link on the way
 * to it that exists is theirs. It is not in the home folder of the user who calls `sudo`, who could send the
 * superuser's files anywhere by a link.
 */
function isOwnPath(path: string): boolean {
  const user = geteuid?.()
  if (user === undefined) return true
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid
  if (owner !== undefined && owner !== user && owner !== 0) return false
  return dirname(path) === path || isOwnPath(dirname(path))
}

/**
 * Makes a folder that only this user can enter, and those above it. Node's own `recursive` never ends below
 * `/proc`.
 */
export function makeOwnFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) === path) throw new Error(`"${path}" is not a folder`)
  makeOwnFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process that starts at the same time was first.
    if (!statSync(path).isDirectory()) throw error
  }
}

/** Removes all but the newest entries of a folder. */
export function removeOldest(folder: string, most: number): void {
  const entries = readdirSync(folder).map((name) => join(folder, name))
  const newestFirst = entries
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of newestFirst.slice(most)) rmSync(path, { recursive: true, force: true })
}

/**
 * Undefined where the cache cannot be used: a full or read-only disk, another process that removes the same
 * entry.
 */
export function attempt<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    return undefined
  }
}
