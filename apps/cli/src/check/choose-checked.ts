import { realpath } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { type MigrationGraph, type MigrationId, TidemarkError } from '@tidemark/core'
import { findMigration } from '../project/find-migration.ts'
import { findDefaultBranch, git, splitPaths } from './git.ts'

/** What `check` was asked to check. */
export interface CheckSelection {
  /** Ids, beginnings of ids, or paths of files. */
  readonly ids: readonly string[]
  readonly all: boolean
  /** A revision of git; undefined: the default branch. */
  readonly since: string | undefined
}

/** What is checked, and why just that. */
export interface Chosen {
  /** In plan order. */
  readonly ids: readonly MigrationId[]
  /** A sentence's part, such as `changed since main`. */
  readonly why: string
}

/**
 * Chooses what to check: what was named, everything, or what is new or edited since the branch left a revision.
 * Outside of a repository, and where there is no default branch, it is everything.
 *
 * @throws {TidemarkError} TM7008 when a revision was named that git does not know, TM2007 for an unknown id.
 */
export async function chooseChecked(
  graph: MigrationGraph,
  { ids, all, since }: CheckSelection,
  folder: string,
): Promise<Chosen> {
  const everything = graph.nodes.map(({ migration }) => migration.id)
  if (ids.length > 0) {
    const named = new Set(ids.map((id) => findMigration(graph, id).migration.id))
    return { ids: everything.filter((id) => named.has(id)), why: 'named' }
  }
  if (all) return { ids: everything, why: 'all' }
  const revision = since ?? (await findDefaultBranch(folder))
  if (revision === undefined) return { ids: everything, why: 'all' }
  const changed = await listChangedFiles(folder, revision)
  if (changed === undefined) {
    if (since === undefined) return { ids: everything, why: 'all' }
    throw new TidemarkError({
      code: 'TM7008',
      message: `git does not know the revision "${since}"`,
      help: 'name a branch, a tag or a commit that is fetched; in CI fetch the history, such as `fetch-depth: 0`',
    })
  }
  const isChanged = (path: string) => changed.has(resolve(path))
  return {
    ids: graph.nodes
      .filter(({ migration }) => isChanged(migration.source.path))
      .map((node) => node.migration.id),
    why: `new or edited since ${revision}`,
  }
}

/** Absolute paths of what is new or edited since the branch left the revision, committed or not. */
async function listChangedFiles(folder: string, revision: string): Promise<ReadonlySet<string> | undefined> {
  const base = await git(folder, ['merge-base', 'HEAD', '--end-of-options', revision])
  const root = await git(folder, ['rev-parse', '--show-toplevel'])
  if (base === undefined || root === undefined) return undefined
  const lists = await Promise.all([
    git(folder, ['diff', '--name-only', '-z', '--no-renames', '--diff-filter=AM', base.trim(), '--', '.']),
    git(folder, ['ls-files', '--others', '--exclude-standard', '--full-name', '-z', '--', '.']),
  ])
  const top = root.trim()
  const real = await realpath(folder)
  return new Set(
    lists.flatMap((list) =>
      splitPaths(list ?? '').map((path) =>
        resolve(folder, relative(real, join(top, path.split('/').join(sep)))),
      ),
    ),
  )
}
