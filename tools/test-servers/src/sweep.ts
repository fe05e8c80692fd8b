import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const PREFIX = 'tidemark-pg-'
const OWNER = '.owner'

/** The start of the name of every data directory. */
export const dataDirectoryPrefix = PREFIX

/** Notes beside a data directory which process it belongs to. */
export function noteOwner(directory: string): void {
  writeFileSync(directory + OWNER, String(process.pid))
}

/** Removes a data directory and its note. */
export function removeDirectory(directory: string): void {
  rmSync(directory, { recursive: true, force: true })
  rmSync(directory + OWNER, { force: true })
}

/** Ends servers that killed test runs left in a folder, and removes their data. */
export function sweep(parent: string): void {
  for (const name of readdirSync(parent)) {
    if (!name.startsWith(PREFIX) || !name.endsWith(OWNER)) continue
    const directory = join(parent, name.slice(0, -OWNER.length))
    if (isAlive(readPid(join(parent, name)))) continue
    const server = readPid(join(directory, 'postmaster.pid'))
    if (server !== undefined && isAlive(server)) process.kill(server, 'SIGQUIT')
    removeDirectory(directory)
  }
}

function readPid(path: string): number | undefined {
  try {
    const pid = Number.parseInt(readFileSync(path, 'utf8'), 10)
    return Number.isNaN(pid) ? undefined : pid
  } catch {
    return undefined
  }
}

function isAlive(pid: number | undefined): boolean {
  if (pid === undefined) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
