import { randomUUID } from 'node:crypto'
import { open, readFile, rm, stat } from 'node:fs/promises'
import { hostname } from 'node:os'
import { dirname, join, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { exhaustedHelp, TidemarkError } from '@tidemark/core'
import { makeFolder, makePrivateFolder, processStart } from '@tidemark/core/node'

/** The lock file's name in the data directory. */
export const LOCK_NAME = 'tidemark.lock'

interface Holder {
  readonly pid: number
  readonly host: string
  /** When the process started, as the system counts; null where it is not known. */
  readonly started: string | null
  readonly since: string
  readonly token: string
}

/** Removing a stale lock takes milliseconds: a guard older than this was left by a killed process. */
const GUARD_LIMIT_MS = 10_000

/** Tokens of locks held by this process: another process of the same pid (a container's) differs in them. */
const held = new Set<string>()

/** A held lock. */
export interface DirectoryLock {
  release(): Promise<void>
}

/**
 * Locks a data directory for this process, creating it if missing. A lock whose process is gone is taken
 * over.
 *
 * @throws TM5030 naming the process that holds it, TM5031 when the directory cannot be made or written.
 */
export async function lockDirectory(directory: string): Promise<DirectoryLock> {
  await makeDirectory(directory)
  const path = join(directory, LOCK_NAME)
  const self = await describeSelf()
  while (!(await create(path, self))) {
    const holder = await readHolder(path)
    if (holder !== undefined && (await isAlive(holder))) throw lockedError(directory, path, holder)
    await takeAway(path, holder)
  }
  held.add(self.token)
  let released: Promise<void> | undefined
  const release = async (): Promise<void> => {
    await rm(path, { force: true })
    held.delete(self.token)
  }
  return {
    release: () => {
      released ??= release()
      return released
    },
  }
}

async function describeSelf(): Promise<Holder> {
  const started = await processStart(process.pid)
  return { pid: process.pid, host: hostname(), started, since: new Date().toISOString(), token: randomUUID() }
}

async function create(path: string, self: Holder): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(`${JSON.stringify(self)}\n`)
    await file.close()
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw unwritableError(dirname(path), error)
  }
}

async function makeDirectory(directory: string): Promise<void> {
  try {
    const isOurs = resolve(directory).split(sep).includes('.tidemark')
    await (isOurs ? makePrivateFolder(directory) : makeFolder(directory, 0o700))
  } catch (error) {
    throw unwritableError(directory, error)
  }
}

function unwritableError(directory: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM5031',
    message: `"${directory}" cannot be a data directory: ${cause instanceof Error ? cause.message : cause}`,
    help:
      exhaustedHelp(cause) ??
      'use a directory that this user can write, or one that does not exist yet, such as "pglite:.tidemark/db"',
    cause,
  })
}

async function readHolder(path: string): Promise<Holder | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    const text = await readFile(path, 'utf8').catch(() => '')
    const holder = tryJson(text)
    if (isHolder(holder)) return holder
    await sleep(10) // it is being written, or its writer was killed
  }
  return undefined
}

function isHolder(value: unknown): value is Holder {
  if (typeof value !== 'object' || value === null) return false
  const isText = (name: string): boolean => typeof Reflect.get(value, name) === 'string'
  const started = 'started' in value && (value.started === null || isText('started'))
  return 'pid' in value && Number.isInteger(value.pid) && started && ['host', 'since', 'token'].every(isText)
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/**
 * A pid is used again in time, so the start must agree; of another machine nothing is known, and it counts as
 * alive.
 */
async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.host !== hostname()) return true
  if (holder.pid === process.pid) return held.has(holder.token)
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if (!isCode(error, 'EPERM')) return false
  }
  const started = await processStart(holder.pid)
  return holder.started === null || started === null || started === holder.started
}

/** Removes a stale lock. Two that find it at once take turns, so that neither removes the other's new one. */
async function takeAway(path: string, stale: Holder | undefined): Promise<void> {
  const guard = `${path}.takeover`
  try {
    await (await open(guard, 'wx', 0o600)).close()
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error
    const ageMs = await stat(guard).then(
      ({ mtimeMs }) => Date.now() - mtimeMs,
      () => 0,
    )
    if (ageMs > GUARD_LIMIT_MS) await rm(guard, { force: true })
    await sleep(20)
    return
  }
  try {
    if ((await readHolder(path))?.token === stale?.token) await rm(path, { force: true })
  } finally {
    await rm(guard, { force: true })
  }
}

function lockedError(directory: string, path: string, holder: Holder): TidemarkError {
  const where =
    holder.host === hostname() ? `process ${holder.pid}` : `process ${holder.pid} on ${holder.host}`
  return new TidemarkError({
    code: 'TM5030',
    message: `the embedded database "${directory}" is in use by ${where} since ${holder.since}`,
    help:
      holder.host === hostname()
        ? 'wait until it ends, or end it: only one process at a time can open a data directory'
        : `only one process at a time can open a data directory; if that one no longer exists, delete "${path}"`,
    details: { directory, lockFile: path, pid: holder.pid, host: holder.host, since: holder.since },
  })
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
