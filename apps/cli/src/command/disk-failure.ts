import { relative, sep } from 'node:path'
import { exhaustedHelp, TidemarkError } from '@tidemark/core'

// What the disk says of the user's files. A file that is missing (ENOENT) is not among them: where that is no
// bug, the code that looked for it reports it.
const HELPS: ReadonlyMap<string, string> = new Map([
  ['EACCES', 'check that this user may read and write there'],
  ['EPERM', 'check that this user may read and write there'],
  ['EROFS', 'the file system is mounted read-only: name another path'],
  ['EIO', 'the disk failed: look at the log of the system'],
  ['ENOTDIR', 'a folder is needed here, and this is a file: remove it, or name another path'],
  ['EEXIST', 'a folder is needed here, and this is a file: remove it, or name another path'],
  ['EISDIR', 'a file is needed here, and this is a folder: remove it, or name another path'],
])

/**
 * Describes a failure of the disk that nobody foresaw as what it is (TM7012), and not as a bug of ours;
 * undefined for all else.
 *
 * @example describeDiskFailure(error) // 'cannot use "migrations/002_x.sql": EACCES: permission denied'
 */
export function describeDiskFailure(error: unknown): TidemarkError | undefined {
  const help = isDiskFailure(error) ? (exhaustedHelp(error) ?? HELPS.get(error.code)) : undefined
  if (!isDiskFailure(error) || help === undefined) return undefined
  const [reason] = error.message.split(', ')
  return new TidemarkError({
    code: 'TM7012',
    message: `cannot use ${nameFile(error.path)}: ${reason}`,
    help,
    cause: error,
  })
}

/** The system names no file where writing to an open one fails. */
function nameFile(path: string | undefined): string {
  if (path === undefined) return 'a file'
  const inside = relative(process.cwd(), path).split(sep).join('/')
  return `"${inside.startsWith('..') || inside === '' ? path : inside}"`
}

interface DiskFailure extends Error {
  readonly code: string
  readonly path?: string
}

function isDiskFailure(error: unknown): error is DiskFailure {
  return (
    error instanceof Error &&
    'syscall' in error &&
    'code' in error &&
    typeof error.code === 'string' &&
    (!('path' in error) || typeof error.path === 'string')
  )
}
