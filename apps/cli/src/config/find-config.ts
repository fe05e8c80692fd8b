import { existsSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { TidemarkError } from '@tidemark/core'

/** The names under which a configuration is looked for. */
export const CONFIG_NAMES = ['ts', 'mjs', 'js', 'cjs', 'json'].map((ending) => `tidemark.config.${ending}`)

/**
 * Looks for a configuration file in a folder and upwards to the root of its repository (the folder with
 * `.git`). Outside a repository only the folder itself is looked at: a configuration is code, and a parent
 * such as `/tmp` may belong to somebody else.
 *
 * @throws {TidemarkError} TM7005 when one folder holds two.
 */
export function findConfig(folder: string): string | undefined {
  for (const candidate of foldersToSearch(folder)) {
    const found = CONFIG_NAMES.map((name) => join(candidate, name)).filter((path) => existsSync(path))
    if (found.length > 1) throw twoConfigs(found)
    if (found[0] !== undefined) return found[0]
  }
  return undefined
}

function foldersToSearch(folder: string): readonly string[] {
  const folders = [folder]
  let current = folder
  while (!existsSync(join(current, '.git'))) {
    const parent = dirname(current)
    if (parent === current) return [folder]
    folders.push(parent)
    current = parent
  }
  return folders
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
