import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { sortDiagnostics } from '../diagnostic/sort-diagnostics.ts'
import { isElsewhere } from '../migration/model/environments.ts'
import type { Migration, MigrationId } from '../migration/model/migration.ts'
import type { VariableValues } from '../migration/variables/bind-text.ts'
import { err, ok, type Result } from '../result.ts'
import { compareIds } from '../text/compare-ids.ts'
import { checkBlocking } from './check-blocking.ts'
import { checkEnvironments } from './check-environments.ts'
import { describeCycles } from './describe-cycles.ts'
import { indexById } from './index-by-id.ts'
import type { GraphNode, MigrationGraph } from './migration-graph.ts'
import { readSquashes } from './read-squashes.ts'
import { resolveDependencies } from './resolve-dependencies.ts'
import { type Edges, invertEdges, sortByDependency } from './sort.ts'

/** Which files {@link buildGraph} takes in. All are checked. */
export interface GraphOptions {
  /** Files for other environments are left apart. Default: all files that name some. */
  readonly environment?: string | undefined
  /** Values of the variables that files declare. Default none. */
  readonly variables?: VariableValues | undefined
  /** `included`: files of every environment are in the graph, as offline commands show it. Default `apart`. */
  readonly elsewhere?: 'apart' | 'included'
}

/**
 * Resolves every dependency and orders the migrations so that each follows all it depends on. The result
 * depends on neither input order nor locale nor platform: ties break by `compareIds`. Never recursive. O((n +
 * e) log n).
 *
 * @returns the graph, or all problems at once, sorted by place: TM2001 duplicate id, TM2002 unknown
 *   dependency, TM2003 cycle, TM2004 self-reference, TM2005 a blocking migration behind a non-blocking one,
 *   TM2006 an id replaced twice, TM2012 a migration behind one for fewer environments.
 * @example
 * const graph = buildGraph(migrations)
 * if (graph.ok) console.log(graph.value.nodes.map((node) => node.migration.id))
 */
export function buildGraph(
  migrations: readonly Migration[],
  { environment, variables = {}, elsewhere = 'apart' }: GraphOptions = {},
): Result<MigrationGraph, readonly Diagnostic[]> {
  const { byId, problems: duplicates } = indexById(migrations)
  const squashes = readSquashes(byId)
  const active = listActive(byId, squashes.ignored)
  const { edges, problems: unresolved } = resolveDependencies({ active, byId, squashes })
  const { order, stuck } = sortByDependency(edges)
  const problems = [
    ...duplicates,
    ...squashes.problems,
    ...unresolved,
    ...checkBlocking(active, edges),
    ...checkEnvironments(active, edges),
    ...describeCycles(active, edges, stuck),
  ]
  if (problems.length > 0) return err(sortDiagnostics(problems))
  const isApart = ({ header }: Migration) => elsewhere === 'apart' && isElsewhere(header, environment)
  // What a file depends on is there wherever the file is, so nothing that is left loses a dependency.
  const present = order.filter((rank) => active[rank] !== undefined && !isApart(active[rank]))
  const nodes = buildNodes(active, edges, present)
  return ok({
    nodes,
    environment,
    variables,
    elsewhere: active.filter(isApart),
    indexes: indexNodes(nodes, squashes.aliases),
    aliases: squashes.aliases,
    ignored: squashes.ignored,
    notes: squashes.notes,
  })
}

/** Integers stand for ids from here on: places in this list, so that comparing integers compares ids. */
function listActive(
  byId: ReadonlyMap<MigrationId, Migration>,
  ignored: readonly Migration[],
): readonly Migration[] {
  const passedOver = new Set(ignored)
  return [...byId.values()]
    .filter((migration) => !passedOver.has(migration))
    .sort((a, b) => compareIds(a.id, b.id))
}

function buildNodes(active: readonly Migration[], edges: Edges, order: readonly number[]): GraphNode[] {
  const place = new Int32Array(active.length)
  order.forEach((rank, index) => {
    place[rank] = index
  })
  const dependencies = order.map((rank) => toPlaces(edges[rank] ?? [], place))
  const dependents = invertEdges(dependencies)
  return order.flatMap((rank, index) => {
    const migration = active[rank]
    if (migration === undefined) throw new TypeError(`no migration of rank ${rank}`)
    return { migration, index, dependencies: dependencies[index] ?? [], dependents: dependents[index] ?? [] }
  })
}

function toPlaces(ranks: readonly number[], place: Int32Array): number[] {
  return ranks.map((rank) => place[rank] ?? 0).sort((a, b) => a - b)
}

function indexNodes(
  nodes: readonly GraphNode[],
  aliases: ReadonlyMap<MigrationId, MigrationId>,
): ReadonlyMap<MigrationId, number> {
  const indexes = new Map<MigrationId, number>()
  for (const node of nodes) indexes.set(node.migration.id, node.index)
  for (const [replaced, squash] of aliases) {
    const index = indexes.get(squash)
    if (index !== undefined) indexes.set(replaced, index)
  }
  return indexes
}
