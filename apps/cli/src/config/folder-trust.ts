import { lstatSync, type Stats, statSync } from 'node:fs'
import { dirname } from 'node:path'
import { geteuid } from 'node:process'

/**
 * Whether a configuration in a folder above the working directory is used. `passed`: a folder that everybody
 * shares, such as `/tmp`: nothing in it counts, and the search goes on above it. `refused`: others may write
 * into it.
 */
export type FolderTrust = 'trusted' | 'passed' | 'refused'

/** What of a folder or file decides. */
export type Ownership = Pick<Stats, 'mode' | 'uid'>

const WRITABLE_BY_ALL = 0o002
const STICKY = 0o1000
const ROOT = 0

/**
 * Judges a folder above the working directory by who may write into it. Groups may: with umask 002 they do
 * everywhere.
 */
export function judgeAncestor({ mode, uid }: Ownership, workingDirectory: Ownership): FolderTrust {
  const isOpen = (mode & WRITABLE_BY_ALL) !== 0
  if (isOpen && (mode & STICKY) !== 0 && uid === ROOT) return 'passed'
  return isOpen || (uid !== ROOT && uid !== workingDirectory.uid) ? 'refused' : 'trusted'
}

/**
 * Judges a configuration in the working directory: where everybody may write, it must not be a stranger's.
 */
export function judgeOwnFile(file: Ownership, folder: Ownership, user: number): FolderTrust {
  if ((folder.mode & WRITABLE_BY_ALL) === 0) return 'trusted'
  const isSticky = (folder.mode & STICKY) !== 0
  const owners = isSticky ? [ROOT, user] : [ROOT, user, folder.uid]
  return owners.includes(file.uid) ? 'trusted' : 'refused'
}

/**
 * Judges a configuration that was named, of which commands are run. In a folder in which none would be found it
 * must itself be root's, the user's, or of the owner of the working directory.
 */
export function judgeNamedFile(
  { file, folder, workingDirectory }: Readonly<Record<'file' | 'folder' | 'workingDirectory', Ownership>>,
  user: number,
): FolderTrust {
  if (judgeAncestor(folder, workingDirectory) === 'trusted') return 'trusted'
  return [ROOT, user, workingDirectory.uid].includes(file.uid) ? 'trusted' : 'refused'
}

/**
 * Reads who owns a folder and who may write into it; undefined on Windows, which has other means, and where
 * nothing is.
 */
export function readFolderOwnership(path: string): Ownership | undefined {
  return geteuid === undefined ? undefined : statSync(path, { throwIfNoEntry: false })
}

/** Reads who made a file, of a link who made the link; undefined on Windows, and where nothing is. */
function readFileOwnership(path: string): Ownership | undefined {
  return geteuid === undefined ? undefined : lstatSync(path, { throwIfNoEntry: false })
}

/** Tells whether a file that counts by its place alone may be another user's: see {@link judgeOwnFile}. */
export function isStrangersFile(path: string, folder: string): boolean {
  const [file, own] = [readFileOwnership(path), readFolderOwnership(folder)]
  return file !== undefined && own !== undefined && judgeOwnFile(file, own, geteuid?.() ?? 0) === 'refused'
}

/** Tells whether a configuration may be another user's, however it was found: see {@link judgeNamedFile}. */
export function isStrangersConfig(path: string, workingDirectory: string): boolean {
  if (dirname(path) === workingDirectory) return isStrangersFile(path, workingDirectory)
  const file = readFileOwnership(path)
  const [folder, working] = [dirname(path), workingDirectory].map(readFolderOwnership)
  if (file === undefined || folder === undefined || working === undefined) return false
  return judgeNamedFile({ file, folder, workingDirectory: working }, geteuid?.() ?? 0) === 'refused'
}
