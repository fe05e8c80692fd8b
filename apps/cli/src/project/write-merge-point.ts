import { formatMergePoint, listHeads, type MigrationGraph, TidemarkError } from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { createMigrationFile } from './create-migration-file.ts'
import { findMigration } from './find-migration.ts'
import { describeName, listTakenIds, nextId } from './next-id.ts'
import { readProject } from './read-project.ts'
import type { WrittenMigration } from './write-migration.ts'

/** What a merge point is to be. */
export interface NewMergePoint {
  readonly name: string
  /** Undefined: all heads. */
  readonly heads: readonly string[] | undefined
  readonly description: string | undefined
}

/**
 * Writes a merge point with the next number.
 *
 * @throws {TidemarkError} TM7018 when there are no two to join, TM2007 for an unknown id, TM7011 when the
 * file exists.
 */
export async function writeMergePoint(settings: Settings, asked: NewMergePoint): Promise<WrittenMigration> {
  const { graph } = await readProject(settings)
  const dependsOn = chooseHeads(graph, asked.heads)
  const id = await nextId({ name: asked.name, ids: listTakenIds(graph), now: new Date() })
  const text = formatMergePoint({
    id,
    dependsOn,
    description: asked.description ?? describeForeign(asked.name),
  })
  return { id, path: await createMigrationFile(settings, { id, text }), dependsOn }
}

/** Letters that the id cannot keep are kept in the description. */
function describeForeign(name: string): string | undefined {
  return /\P{ASCII}/u.test(name) ? describeName(name) : undefined
}

/**
 * Gives the ids that are joined.
 *
 * @throws {TidemarkError} TM7018 when there are no two, TM2007 for an unknown id.
 */
export function chooseHeads(graph: MigrationGraph, asked: readonly string[] | undefined): readonly string[] {
  const ids =
    asked === undefined
      ? listHeads(graph).map((head) => head.id)
      : [...new Set(asked.map((given) => findMigration(graph, given.trim()).migration.id))]
  if (ids.length >= 2) return ids
  throw new TidemarkError({
    code: 'TM7018',
    message:
      ids[0] === undefined ? 'there is no migration to join' : `there is only one to join: "${ids[0]}"`,
    help: 'see `tidemark branches`; a merge point joins two heads or more',
  })
}
