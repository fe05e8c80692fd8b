import { hash } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { arch, env, geteuid, pid, version } from 'node:process'
import { cacheDirectory } from '@tidemark/core/node'

/** What V8 compiled, kept from one process to the next. Whatever goes wrong with it only makes the start slower. */
export interface CodeCache {
  /** Undefined unless it is whole, and written by this user. */
  read(): Buffer | undefined
  write(code: Buffer): void
}

/** What the code is of, and what it was used for. */
export interface CodeKey {
  readonly buildId: string
  /** The word behind `tidemark`. */
  readonly use: string
}

/** Builds and versions of Node of which code is kept, some megabytes each. */
const MAX_FOLDERS = 4
const DIGEST_BYTES = 32

/**
 * Finds the code that is kept of a build in the user's cache folder. Undefined where there is none to be: without a home folder,
 * with Node's own `NODE_DISABLE_COMPILE_CACHE`, and while coverage is measured, which cached code would falsify.
 */
export function findCodeCache({ buildId, use }: CodeKey): CodeCache | undefined {
  if (env['NODE_DISABLE_COMPILE_CACHE'] || env['NODE_V8_COVERAGE']) return undefined
  const builds = trying(() => join(cacheDirectory(), 'code'))
  if (builds === undefined) return undefined
  const path = join(builds, `${buildId}-${version}-${arch}`, /^[a-z]{2,12}$/.test(use) ? use : 'other')
  return {
    read: () => trying(() => readWhole(path)),
    write: (code) => {
      trying(() => {
        mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
        writeWhole(path, code)
        removeOldest(builds)
      })
    },
  }
}

/** Code that somebody else may write is never run, such as that in the home folder of who calls `sudo`. */
function readWhole(path: string): Buffer | undefined {
  const file = openSync(path, 'r')
  try {
    const { uid, mode } = fstatSync(file)
    if (geteuid !== undefined && (uid !== geteuid() || (mode & 0o022) !== 0)) return undefined
    const content = readFileSync(file)
    const code = content.subarray(DIGEST_BYTES)
    return digest(code).equals(content.subarray(0, DIGEST_BYTES)) ? code : undefined
  } finally {
    closeSync(file)
  }
}

function writeWhole(path: string, code: Buffer): void {
  const draft = `${path}.${pid}`
  try {
    writeFileSync(draft, Buffer.concat([digest(code), code]), { mode: 0o600 })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** V8 trusts what it is given: damaged code would end the process. */
function digest(code: Buffer): Buffer {
  return hash('sha256', code, 'buffer')
}

function removeOldest(builds: string): void {
  const folders = readdirSync(builds).map((name) => join(builds, name))
  const newestFirst = folders
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of newestFirst.slice(MAX_FOLDERS)) rmSync(path, { recursive: true, force: true })
}

function trying<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    // No cache then: a full or read-only disk, another process that removes the same folder.
    return undefined
  }
}
