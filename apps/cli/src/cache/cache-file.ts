import { hash, randomUUID } from 'node:crypto'
import {
  closeSync,
  fstatSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { env, geteuid } from 'node:process'
import { cacheDirectory } from '@tidemark/core/node'
import { isOwnPath, makeOwnFolder } from './cache-folder.ts'

const DIGEST_BYTES = 32

/** A file in the user's cache folder. Whatever goes wrong with it only makes the next start slower. */
export interface KeptFile {
  /** Undefined unless it is whole, and written by this user. */
  read(): Buffer | undefined
  write(content: Buffer): void
}

/** Where {@link findKeptFile} keeps a file. */
export interface KeptPlace {
  /** Below the cache folder. */
  readonly folder: string
  /** Below `folder`, with `/`. */
  readonly name: string
  /** So many entries are left in `folder` when one is written, the newest. */
  readonly most: number
}

/**
 * Finds what an earlier process kept for this one. Undefined where nothing is to be kept: without a home folder, or in that of
 * another user, with Node's own `NODE_DISABLE_COMPILE_CACHE`, and while coverage is measured, which cached code would falsify.
 */
export function findKeptFile({ folder, name, most }: KeptPlace): KeptFile | undefined {
  if (env['NODE_DISABLE_COMPILE_CACHE'] || env['NODE_V8_COVERAGE']) return undefined
  const above = trying(() => join(cacheDirectory(), folder))
  if (above === undefined) return undefined
  const path = join(above, name)
  if (trying(() => isOwnPath(dirname(path))) !== true) return undefined
  return {
    read: () => trying(() => readWhole(path)),
    write: (content) => {
      trying(() => {
        makeOwnFolder(dirname(path))
        writeWhole(path, content)
        removeOldest(above, most)
      })
    },
  }
}

/** What somebody else may write is never believed, such as files in the home folder of who calls `sudo`. */
function readWhole(path: string): Buffer | undefined {
  const file = openSync(path, 'r')
  try {
    const { uid, mode } = fstatSync(file)
    if (geteuid !== undefined && (uid !== geteuid() || (mode & 0o022) !== 0)) return undefined
    const whole = readFileSync(file)
    const content = whole.subarray(DIGEST_BYTES)
    return digest(content).equals(whole.subarray(0, DIGEST_BYTES)) ? content : undefined
  } finally {
    closeSync(file)
  }
}

function writeWhole(path: string, content: Buffer): void {
  const draft = `${path}.${randomUUID()}`
  try {
    writeFileSync(draft, Buffer.concat([digest(content), content]), { mode: 0o600, flag: 'wx' })
    renameSync(draft, path)
  } catch (error) {
    rmSync(draft, { force: true })
    throw error
  }
}

/** Tells a file that was damaged or written in part: V8 would run such code, and end the process. */
function digest(content: Buffer): Buffer {
  return hash('sha256', content, 'buffer')
}

function removeOldest(folder: string, most: number): void {
  const entries = readdirSync(folder).map((name) => join(folder, name))
  const newestFirst = entries
    .map((path) => ({ path, at: statSync(path).mtimeMs }))
    .sort((a, b) => b.at - a.at)
  for (const { path } of newestFirst.slice(most)) rmSync(path, { recursive: true, force: true })
}

function trying<T>(step: () => T): T | undefined {
  try {
    return step()
  } catch {
    // Nothing is kept then: a full or read-only disk, another process that removes the same entry.
    return undefined
  }
}
