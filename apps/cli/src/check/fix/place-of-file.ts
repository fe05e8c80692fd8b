import { lstat, realpath } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { findDefaultBranch, git, splitPaths } from '../git.ts'

/** Where a file is, and why it may not be written; `why` is null where it may. */
export interface FilePlace {
  readonly realPath: string
  /** For a patch: from the root of the repository, or from the working directory where there is none. */
  readonly patchPath: string
  readonly why: string | null
}

/** Finds where files are, and which of them are not on the default branch. */
export async function createPlaceFinder(folder: string): Promise<(path: string) => Promise<FilePlace>> {
  const realFolder = await realpath(folder)
  const known = await listKnown(realFolder)
  return async (path) => {
    const realPath = await realpath(path)
    const patchPath = toSlashes(
      relative(known.root ?? process.cwd(), isBelow(realPath, known.root) ? realPath : resolve(path)),
    )
    const place = { realPath, patchPath }
    if (!isBelow(realPath, realFolder)) return { ...place, why: `it is a link out of ${folder}` }
    if (known.root === undefined || known.why !== null) return { ...place, why: known.why }
    if (known.paths.has(patchPath)) return { ...place, why: `it is on ${known.branch} already` }
    const { mode } = await lstat(realPath)
    return { ...place, why: (mode & 0o222) === 0 ? 'it is read-only' : null }
  }
}

interface KnownFiles {
  /** Of the repository; undefined outside of one. */
  readonly root: string | undefined
  /** Why it is not known which files are new. */
  readonly why: string | null
  readonly branch: string
  /** At the point where this branch left the default one, from the root. */
  readonly paths: ReadonlySet<string>
}

async function listKnown(folder: string): Promise<KnownFiles> {
  const unknown = (root: string | undefined, why: string) => ({
    root,
    why,
    branch: '',
    paths: new Set<string>(),
  })
  const top = await git(folder, ['rev-parse', '--show-toplevel'])
  if (top === undefined)
    return unknown(undefined, 'this is no git repository, so it is not known which files are new')
  const root = await realpath(top.replace(/\r?\n$/, ''))
  if ((await git(folder, ['rev-parse', '--is-shallow-repository']))?.trim() !== 'false')
    return unknown(root, 'the history of git is not complete (`git fetch --unshallow`)')
  const branch = await findDefaultBranch(folder)
  if (branch === undefined) return unknown(root, 'there is no default branch, such as origin/main or main')
  const base = await git(folder, ['merge-base', 'HEAD', branch])
  const list = base && (await git(root, ['ls-tree', '-r', '--full-tree', '--name-only', '-z', base.trim()]))
  if (list === undefined) return unknown(root, `this branch has no commit in common with ${branch}`)
  return { root, why: null, branch, paths: new Set(splitPaths(list)) }
}

function isBelow(path: string, folder: string | undefined): boolean {
  return folder !== undefined && path.startsWith(folder.endsWith(sep) ? folder : folder + sep)
}

function toSlashes(path: string): string {
  return path.split(sep).join('/')
}
