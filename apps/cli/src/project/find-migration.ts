import { findNode, type GraphNode, type MigrationGraph, suggest, TidemarkError } from '@tidemark/core'

/**
 * Finds a migration by its id, its file's path, or a beginning of its id that only one has (`007`). An exact
 * id always wins.
 *
 * @throws {TidemarkError} TM2007 when there is none, or more than one.
 */
export function findMigration(graph: MigrationGraph, given: string): GraphNode {
  const id = given.replace(/^.*[/\\]/, '').replace(/\.sql$/i, '')
  const exact = findNode(graph, given) ?? findNode(graph, id)
  if (exact !== undefined) return exact
  if (graph.ignored.some((squash) => squash.id === id)) throw describeIgnored(id)
  const ids = graph.nodes.map(({ migration }) => migration.id)
  const matches = ids.filter((candidate) => candidate.startsWith(id) && id !== '')
  const only = matches.length === 1 ? findNode(graph, matches[0] ?? '') : undefined
  if (only !== undefined) return only
  const near = suggest(id, ids)
  throw new TidemarkError({
    code: 'TM2007',
    message: matches.length > 1 ? `"${id}" matches ${matches.length} ids` : `there is no migration "${id}"`,
    help:
      matches.length > 1
        ? `name one of ${matches.slice(0, 5).join(', ')}${matches.length > 5 ? ', …' : ''}`
        : near === undefined
          ? 'see `tidemark graph` for all of them'
          : `did you mean "${near}"?`,
  })
}

function describeIgnored(id: string): TidemarkError {
  return new TidemarkError({
    code: 'TM2007',
    message: `"${id}" is ignored while files that it replaces are still there`,
    help: 'name one of the files that it replaces, or delete them all',
  })
}
