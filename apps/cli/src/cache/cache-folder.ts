import { lstatSync, mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { geteuid } from 'node:process'

/**
 * Tells whether nobody but this user and the superuser decides where a path leads: every folder and link on the way to it that exists
 * is theirs. It is not in the home folder of who calls `sudo`, who could send the superuser's files anywhere by a link.
 */
export function isOwnPath(path: string): boolean {
  const user = geteuid?.()
  if (user === undefined) return true
  const owner = lstatSync(path, { throwIfNoEntry: false })?.uid
  if (owner !== undefined && owner !== user && owner !== 0) return false
  return dirname(path) === path || isOwnPath(dirname(path))
}

/** Makes a folder that only this user can enter, and those above it. Node's own `recursive` never ends below `/proc`. */
export function makeOwnFolder(path: string): void {
  if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) return
  if (dirname(path) === path) throw new Error(`"${path}" is no folder`)
  makeOwnFolder(dirname(path))
  try {
    mkdirSync(path, { mode: 0o700 })
  } catch (error) {
    // Another process that starts at the same time was first.
    if (!statSync(path).isDirectory()) throw error
  }
}
