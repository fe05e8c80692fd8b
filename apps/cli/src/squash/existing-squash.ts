import { rm } from 'node:fs/promises'
import { isReversible, type Migration, type MigrationGraph, type MigrationId } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { shownMigrationPath } from '../project/create-migration-file.ts'
import { cannotSquash } from './cannot-squash.ts'
import { checkSquash } from './check-squash.ts'
import type { SquashOutcome, SquashRequest } from './squash.ts'

/** A squash that was written before, and the files that it replaces and that are still there. */
export interface ExistingSquash {
  readonly squash: Migration
  readonly originals: readonly Migration[]
}

/**
 * Finds the squash of this name that waits for its originals to go, whatever number it has: `004_base` for
 * `005_base`.
 */
export function findExistingSquash(graph: MigrationGraph, wanted: MigrationId): ExistingSquash | undefined {
  const squash = graph.ignored.find(({ id }) => id === wanted || nameOf(id) === nameOf(wanted))
  return squash && { squash, originals: listOriginals(graph, squash) }
}

function nameOf(id: MigrationId): string {
  return id.replace(/^\d+_/, '')
}

function listOriginals({ nodes, ignored }: MigrationGraph, squash: Migration): readonly Migration[] {
  const replaced = new Set(squash.header.replaces)
  return [...nodes.map(({ migration }) => migration), ...ignored].filter(({ id }) => replaced.has(id))
}

/**
 * Deletes the files that a squash replaces, once it is sure to hold all that they do.
 *
 * @throws {TidemarkError} TM7025 when it does not, or when its originals are not to be deleted.
 */
export async function finishSquash(
  settings: Settings,
  { mode, originals: wanted }: SquashRequest,
  { graph, existing }: { readonly graph: MigrationGraph; readonly existing: ExistingSquash },
): Promise<SquashOutcome> {
  const { squash, originals } = existing
  const { id, header, source } = squash
  if (wanted === 'keep' && mode === 'write') {
    throw cannotSquash(
      `"${id}" is a squash already, and files that it replaces are still there`,
      `once every database has them, delete them with \`tidemark squash ${id} --delete\`; for another squash choose another name`,
    )
  }
  checkSquash(graph, { originals, squash }, (original) =>
    cannotSquash(
      `"${id}" does not have every statement of "${original.id}"`,
      'compare them; if that is right, delete the files that it replaces by hand',
    ),
  )
  const deleted = mode === 'show' ? [] : originals.map(({ source: { path } }) => path)
  await Promise.all(deleted.map((file) => rm(file)))
  return {
    json: {
      id,
      path: shownMigrationPath(settings, id),
      state: mode === 'show' ? 'shown' : 'kept',
      replaces: [...header.replaces],
      dependsOn: [...header.dependsOn],
      deleted,
      reversible: isReversible(squash),
      notes: [],
    },
    text: source.text,
  }
}
