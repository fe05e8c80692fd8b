import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** What git says; undefined where it is missing or refuses. */
export async function git(folder: string, args: readonly string[]): Promise<string | undefined> {
  try {
    const { stdout } = await run('git', [...args], {
      cwd: folder,
      maxBuffer: 64 * 1024 * 1024,
      windowsHide: true,
    })
    return stdout
  } catch {
    return undefined
  }
}

/** The branch that others start from: that of the remote, else `main` or `master`. */
export async function findDefaultBranch(folder: string): Promise<string | undefined> {
  const head = await git(folder, ['symbolic-ref', '--quiet', '--short', 'refs/remotes/origin/HEAD'])
  const candidates = [
    ...(head === undefined ? [] : [head.trim()]),
    'origin/main',
    'origin/master',
    'main',
    'master',
  ]
  for (const branch of candidates) {
    if ((await git(folder, ['rev-parse', '--verify', '--quiet', `${branch}^{commit}`])) !== undefined)
      return branch
  }
  return undefined
}

/** Paths with `/`, as git gives them with `-z`. */
export function splitPaths(list: string): readonly string[] {
  return list.split('\0').filter((path) => path !== '')
}
