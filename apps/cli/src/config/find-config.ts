import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TidemarkError } from '@tidemark/core'
import { type FolderTrust, isStrangersFile, judgeAncestor, readFolderOwnership } from './folder-trust.ts'

/** The names under which a configuration is looked for. */
export const CONFIG_NAMES = ['ts', 'mjs', 'js', 'cjs', 'json'].map((ending) => `tidemark.config.${ending}`)

interface SearchedFolder {
  readonly path: string
  readonly trust: FolderTrust
}

/**
 * Looks for a configuration file in a folder and upwards to the root of its repository (the folder with
 * `.git`). Outside a repository only the folder itself is looked at. A configuration is code: it is not taken
 * from a folder into which others may write, see `judgeAncestor`.
 *
 * @throws {TidemarkError} TM7005 when one folder holds two, TM7027 when the one that is found could be
 *   another user's.
 */
export function findConfig(folder: string): string | undefined {
  for (const { path, trust } of foldersToSearch(folder)) {
    const found = CONFIG_NAMES.map((name) => join(path, name)).filter((file) => existsSync(file))
    const [config] = found
    if (config === undefined || trust === 'passed') continue
    if (trust === 'refused' || (path === folder && isStrangersFile(config, folder))) throw notTrusted(config)
    if (found.length > 1) throw twoConfigs(found)
    return config
  }
  return undefined
}

function foldersToSearch(folder: string): readonly SearchedFolder[] {
  const own = readFolderOwnership(folder)
  const folders: SearchedFolder[] = []
  for (let path = folder; ; path = dirname(path)) {
    const ownership = path === folder ? undefined : readFolderOwnership(path)
    const judged = own && ownership ? judgeAncestor(ownership, own) : 'trusted'
    // What is above a folder of another user may be reached through it, and is not ours either.
    const trust = folders.at(-1)?.trust === 'refused' ? 'refused' : judged
    folders.push({ path, trust })
    if (trust !== 'passed' && existsSync(join(path, '.git'))) return folders
    if (dirname(path) === path) return folders.slice(0, 1)
  }
}

/** TM7027: a file that would be used for its place alone could be another user's. */
export function notTrusted(path: string, use: 'found' | 'commands' = 'found'): TidemarkError {
  const owner = `other users may write into "${dirname(path)}", or it belongs to one`
  return new TidemarkError({
    code: 'TM7027',
    message:
      use === 'found' ? `"${path}" is not used: ${owner}` : `the hooks of "${path}" are not run: ${owner}`,
    help:
      use === 'found'
        ? `if it is yours: --config ${path}, or take the permission away (chmod o-w)`
        : 'a configuration whose hooks are commands must be in a folder of yours',
    details: { path },
  })
}

function twoConfigs(paths: readonly string[]): TidemarkError {
  const names = paths.map((path) => `"${basename(path)}"`)
  return new TidemarkError({
    code: 'TM7005',
    message: `"${dirname(paths[0] ?? '')}" holds ${names.join(' and ')}`,
    help: 'keep one of them, or name one with `--config`',
    details: { paths },
  })
}
