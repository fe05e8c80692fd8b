import type { Dirent } from 'node:fs'
import { readdir, realpath, stat } from 'node:fs/promises'
import { sep } from 'node:path'
import { exhaustedHelp } from '../diagnostic/exhausted-help.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import { isSqlFile } from '../migration/model/migration-id.ts'

/** Gives the path under which messages name a file. */
export type DisplayPath = (path: string) => string

/** What {@link findSqlFiles} finds, without order. */
export interface FoundSqlFiles {
  readonly files: readonly string[]
  /**
   * Files whose names hold `.sql` but end in something else, such as `001_users.sql.txt`. They are not read.
   */
  readonly misnamed: readonly string[]
}

/** Another ending after `.sql`, but not one that editors and merges give to what they keep. */
const MISNAMED = /\.sql(?!\.(?:orig|rej|bak|swp|swo|tmp)$)[. ][^/]*$/i

/**
 * Lists every `*.sql` file under a folder, subfolders included, in upper or lower case. Names that begin with
 * a dot are passed over, and so is all that is not `*.sql`. Links are followed; a folder that several links
 * lead to, or a link into its own parents, is read once.
 *
 * @throws TidemarkError TM7020 when the folder does not exist, TM7021 when it is a file, TM7022 when
 *   something in it cannot be read.
 */
export async function findSqlFiles(directory: string, display: DisplayPath): Promise<FoundSqlFiles> {
  await checkDirectory(directory, display)
  const files: string[] = []
  const misnamed: string[] = []
  const seen = new Set<string>()
  const folders = [directory]
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    const real = await reading(folder, display, (path) => realpath(path))
    if (seen.has(real)) continue
    seen.add(real)
    for (const entry of await reading(folder, display, listFolder)) {
      if (entry.name.startsWith('.')) continue
      const path = inFolder(folder, entry.name)
      const kind = entry.isSymbolicLink() ? await kindOfTarget(path, display) : kindOf(entry)
      if (kind === 'folder') folders.push(path)
      else if (kind === 'file' && isSqlFile(entry.name)) files.push(path)
      else if (kind === 'file' && MISNAMED.test(entry.name)) misnamed.push(path)
      else if (kind === 'other' && isSqlFile(entry.name)) throw notAFile(path, display)
    }
  }
  return { files, misnamed }
}

/** Turns whatever the file system refuses into TM7022, which names the path. */
export async function reading<T>(
  path: string,
  display: DisplayPath,
  read: (path: string) => Promise<T>,
): Promise<T> {
  try {
    return await read(path)
  } catch (cause) {
    throw cannotRead(path, display, cause)
  }
}

/** TM7022, with what the file system said. */
export function cannotRead(path: string, display: DisplayPath, cause: unknown): TidemarkError {
  const why = cause instanceof Error ? cause.message.replace(/, [a-z]+(?: '.*)?$/, '') : String(cause)
  const help = exhaustedHelp(cause) ?? 'check that it exists and that this user may read it'
  return new TidemarkError({ code: 'TM7022', message: `cannot read "${display(path)}": ${why}`, help, cause })
}

function notAFile(path: string, display: DisplayPath): TidemarkError {
  const message = `cannot read "${display(path)}": it is neither a file nor a folder`
  return new TidemarkError({ code: 'TM7022', message, help: 'move it out of the migrations folder' })
}

/** Like `join` for a folder that is resolved already, of which there may be ten thousand entries. */
function inFolder(folder: string, name: string): string {
  return folder.endsWith(sep) ? folder + name : folder + sep + name
}

async function checkDirectory(directory: string, display: DisplayPath): Promise<void> {
  try {
    if ((await stat(directory)).isDirectory()) return
  } catch (cause) {
    if (!isMissing(cause)) throw cannotRead(directory, display, cause)
    const message = `the migrations folder "${display(directory)}" does not exist`
    const help =
      'create it (`tidemark init` does), or set another folder with `migrations` in the configuration or `--dir`'
    throw new TidemarkError({ code: 'TM7020', message, help, cause })
  }
  const message = `"${display(directory)}" is a file, not a folder of migrations`
  throw new TidemarkError({ code: 'TM7021', message, help: 'use the folder that contains the file' })
}

function isMissing(cause: unknown): boolean {
  return cause instanceof Error && 'code' in cause && (cause.code === 'ENOENT' || cause.code === 'ENOTDIR')
}

function listFolder(folder: string): Promise<Dirent[]> {
  return readdir(folder, { withFileTypes: true })
}

type EntryKind = 'file' | 'folder' | 'other'

function kindOf(entry: { isFile(): boolean; isDirectory(): boolean }): EntryKind {
  return entry.isFile() ? 'file' : entry.isDirectory() ? 'folder' : 'other'
}

async function kindOfTarget(path: string, display: DisplayPath): Promise<EntryKind> {
  try {
    return kindOf(await stat(path))
  } catch (cause) {
    if (isSqlFile(path)) throw cannotRead(path, display, cause)
    return 'other'
  }
}
