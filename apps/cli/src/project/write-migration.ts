import {
  type GraphNode,
  isElsewhere,
  type MigrationBatches,
  type MigrationGraph,
  type MigrationType,
  nodeAt,
} from '@tidemark/core'
import { makeFolder } from '@tidemark/core/node'
import type { Settings } from '../config/settings.ts'
import { createMigrationFile } from './create-migration-file.ts'
import { findMigration } from './find-migration.ts'
import { migrationTemplate } from './migration-template.ts'
import { describeName, listTakenIds, nextId } from './next-id.ts'
import { readHeaders } from './read-headers.ts'

/** What a new migration is to be. */
export interface NewMigration {
  /** Words such as `add orders` or `add_orders`; with a number in front it is kept. */
  readonly name: string
  readonly type: MigrationType
  readonly description: string | undefined
  /** The environments that it is for; undefined: all. */
  readonly environments: readonly string[] | undefined
  /** The table that it walks in batches; undefined: none. */
  readonly batches: MigrationBatches | undefined
  /** Undefined: the present heads. */
  readonly dependsOn: readonly string[] | undefined
}

/** The file that was written. */
export interface WrittenMigration {
  readonly id: string
  readonly path: string
  readonly dependsOn: readonly string[]
}

/**
 * Writes a migration with the next number, or the current time in a project of timestamps, depending on the
 * present heads.
 *
 * @throws {TidemarkError} TM7008 when the name gives no id, TM2007 for an unknown dependency, TM7011 when the
 * file exists.
 */
export async function writeMigration(settings: Settings, asked: NewMigration): Promise<WrittenMigration> {
  await makeFolder(settings.migrations)
  const graph = await readHeaders(settings)
  const id = await nextId({ name: asked.name, ids: listTakenIds(graph), now: new Date() })
  const dependsOn =
    asked.dependsOn?.map((given) => findMigration(graph, given).migration.id) ??
    listHeadsFor(graph, asked.environments).map(({ migration }) => migration.id)
  const text = migrationTemplate({
    id,
    environments: asked.environments,
    type: asked.type,
    batches: asked.batches,
    description: asked.description ?? describeName(asked.name),
    dependsOn,
  })
  return { id, path: await createMigrationFile(settings, { id, text }), dependsOn }
}

/** The heads among the files that are there wherever the new one is. */
function listHeadsFor(graph: MigrationGraph, environments: readonly string[] = []): readonly GraphNode[] {
  const isThere = ({ migration: { header } }: GraphNode) =>
    header.environments === undefined ||
    (environments.length > 0 && environments.every((environment) => !isElsewhere(header, environment)))
  return graph.nodes.filter(
    (node) => isThere(node) && !node.dependents.some((place) => isThere(nodeAt(graph, place))),
  )
}
