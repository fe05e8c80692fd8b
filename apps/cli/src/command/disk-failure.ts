import { relative, sep } from 'node:path'
import { TidemarkError } from '@tidemark/core'

// What the disk says of the user's files. A file that is missing (ENOENT) is not among them: where that is no bug, it is told by
// whoever looked for it.
const HELPS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'check that this user may read and write there'],
  ['EPERM', 'check that this user may read and write there'],
  ['EROFS', 'the file system is mounted read-only: name another place'],
  ['ENOSPC', 'the disk is full: make room'],
  ['EDQUOT', 'the quota is used up: make room'],
  ['ENOTDIR', 'a file stands where a folder is needed: remove it, or name another place'],
  ['EEXIST', 'a file stands where a folder is needed: remove it, or name another place'],
  ['EISDIR', 'a folder stands where a file is needed: remove it, or name another place'],
])

/**
 * Describes a failure of the disk that nobody foresaw as what it is (TM7012), and not as a bug of ours; undefined for all else.
 *
 * @example describeDiskFailure(error) // 'cannot use "migrations/002_x.sql": EACCES: permission denied'
 */
export function describeDiskFailure(error: unknown): TidemarkError | undefined {
  const help = isDiskFailure(error) ? HELPS.get(error.code) : undefined
  if (!isDiskFailure(error) || help === undefined) return undefined
  const inside = relative(process.cwd(), error.path).split(sep).join('/')
  const path = inside.startsWith('..') || inside === '' ? error.path : inside
  const [reason] = error.message.split(', ')
  return new TidemarkError({
    code: 'TM7012',
    message: `cannot use "${path}": ${reason}`,
    help,
    cause: error,
  })
}

interface DiskFailure extends Error {
  readonly code: string
  readonly path: string
}

function isDiskFailure(error: unknown): error is DiskFailure {
  return (
    error instanceof Error &&
    'syscall' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    'path' in error &&
    typeof error.path === 'string'
  )
}
