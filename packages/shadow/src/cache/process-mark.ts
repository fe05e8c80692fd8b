import { hostname } from 'node:os'
import { processStart } from '@tidemark/core/node'

/** Characters of a host's name that may stand in the names of files and databases. */
const HOST = hostname()
  .toLowerCase()
  .replace(/[^a-z0-9]/g, '')
  .slice(0, 12)

/**
 * Makes a name that tells which process made what bears it: kind, host, pid, and when that process started.
 *
 * @example await markedName('draft') // 'draft_laptop_4711_81f0c2_0a1b2c3d'
 */
export async function markedName(kind: string): Promise<string> {
  return [kind, HOST, process.pid, await startMark(process.pid), crypto.randomUUID().slice(0, 8)].join('_')
}

/**
 * Tells whether the process that made a name is gone. Of another host nothing is known, and it counts as
 * there.
 */
export async function isAbandoned(name: string): Promise<boolean> {
  const [host, pidText, started] = name.split('_').slice(-4)
  const pid = Number(pidText)
  if (host !== HOST || !Number.isInteger(pid) || pid <= 0) return false
  if (!isRunning(pid)) return true
  return (await startMark(pid)) !== started
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** A pid is used again in time; `0` where the system does not tell when a process started. */
async function startMark(pid: number): Promise<string> {
  const started = await processStart(pid)
  return started === null
    ? '0'
    : started
        .split('/')
        .map((part) => part.slice(0, 8))
        .join('') || '0'
}
