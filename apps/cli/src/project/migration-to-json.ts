import {
  type GraphNode,
  isReversible,
  type Migration,
  type MigrationGraph,
  type MigrationSection,
  nodeAt,
  sectionText,
} from '@tidemark/core'
import type { ShowJson } from '../schema/file-schemas.ts'

/** The document of `show --json`: one migration as parsed. */
export function migrationToJson(node: GraphNode, graph: MigrationGraph): ShowJson {
  const { migration } = node
  const { environments, variables, batches, ...header } = migration.header
  const section = (part: MigrationSection | undefined) =>
    part === undefined ? null : sectionToJson(migration, part)
  return {
    id: migration.id,
    path: migration.source.path,
    checksum: migration.checksum,
    header: {
      ...header,
      dependsOn: [...header.dependsOn],
      replaces: [...header.replaces],
      tags: [...header.tags],
      ...(environments === undefined ? {} : { environments: [...environments] }),
      ...(batches === undefined ? {} : { batches }),
      ...(variables === undefined ? {} : { variables: [...variables] }),
    },
    reversible: isReversible(migration),
    dependents: node.dependents.map((index) => nodeAt(graph, index).migration.id),
    up: sectionToJson(migration, migration.up),
    down: section(migration.down),
    verify: section(migration.verify),
  }
}

function sectionToJson(migration: Migration, section: MigrationSection) {
  return {
    sql: sectionText(migration, section),
    statements: section.statements.map(({ codeStart, codeEnd }) =>
      migration.source.text.slice(codeStart, codeEnd),
    ),
  }
}
