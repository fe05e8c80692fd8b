import { createIndexHeap } from '../../graph/index-heap.ts'
import type { MigrationGraph } from '../../graph/migration-graph.ts'
import type { MigrationId } from '../../migration/model/migration.ts'
import { compareIds } from '../../text/compare-ids.ts'
import { compareApplied } from '../history/application.ts'
import type { History, MigrationRow } from '../history/history.ts'
import { type HistoryIndex, indexHistory } from '../history/history-index.ts'

/**
 * What is applied, in the order in which it would be rolled back, with the edges that the database remembers.
 */
export interface AppliedOrder {
  readonly graph: MigrationGraph
  readonly index: HistoryIndex
  /**
   * Unfinished rollbacks first; dependents before what they depend on; ties by the order of application, the
   * latest first.
   */
  readonly rows: readonly MigrationRow[]
  /** The row of an id, or of the squash that set it aside or replaces it. */
  find(id: MigrationId): MigrationRow | undefined
  /** Applied migrations that need `id` directly, in rollback order. */
  listDependents(id: MigrationId): readonly MigrationId[]
  listAncestors(ids: Iterable<MigrationId>): ReadonlySet<MigrationId>
  listDescendants(ids: Iterable<MigrationId>): ReadonlySet<MigrationId>
}

/**
 * Orders what is applied for rolling back, by stored dependencies alone, so that files which are gone or
 * changed do not matter. Rows that a squash set aside are left out. Edges that go in a circle (after edits by
 * hand) yield to the order of application. O((n + e) log n).
 */
export function orderApplied(graph: MigrationGraph, history: History): AppliedOrder {
  const index = indexHistory(history)
  const find = (id: MigrationId) => findTarget(index, graph, id)
  const latestFirst = [...index.states.values()]
    .flatMap((state) => ('applied' in state ? state.applied : []))
    .sort((a, b) => Number(isHalf(index, b)) - Number(isHalf(index, a)) || compareLatestFirst(a, b))
  const dependencies = new Map(latestFirst.map((row) => [row.id, listDependencies(row, find)]))
  const dependents = invert(latestFirst, dependencies)
  return {
    graph,
    index,
    rows: sortDependentsFirst(latestFirst, dependencies, dependents),
    find,
    listDependents: (id) => dependents.get(id) ?? [],
    listAncestors: (ids) => reach(ids, dependencies),
    listDescendants: (ids) => reach(ids, dependents),
  }
}

type IdEdges = ReadonlyMap<MigrationId, readonly MigrationId[]>

function findTarget(
  index: HistoryIndex,
  graph: MigrationGraph,
  id: MigrationId,
  seen: ReadonlySet<MigrationId> = new Set(),
): MigrationRow | undefined {
  const own = index.states.get(id)
  // A squash may take the place of another one without naming it.
  const by = own?.kind === 'set_aside' ? own.by : undefined
  const squashes = [by, ...(index.squashes.get(id) ?? []).map((row) => row.id), graph.aliases.get(id)]
  for (const candidate of [id, ...squashes]) {
    const state = candidate === undefined ? undefined : index.states.get(candidate)
    if (state !== undefined && 'applied' in state) return state.applied
  }
  return by === undefined || seen.has(id) ? undefined : findTarget(index, graph, by, new Set(seen).add(id))
}

function isHalf({ states }: HistoryIndex, { id }: MigrationRow): boolean {
  return states.get(id)?.kind === 'half_rolled_back'
}

function compareLatestFirst(a: MigrationRow, b: MigrationRow): number {
  return compareApplied(b, a) || compareIds(b.id, a.id)
}

function listDependencies(
  row: MigrationRow,
  find: (id: MigrationId) => MigrationRow | undefined,
): readonly MigrationId[] {
  const ids = new Set(row.dependsOn.flatMap((id) => find(id)?.id ?? []))
  ids.delete(row.id)
  return [...ids]
}

function invert(rows: readonly MigrationRow[], dependencies: IdEdges): IdEdges {
  const dependents = new Map<MigrationId, MigrationId[]>(rows.map((row) => [row.id, []]))
  for (const row of rows) for (const id of dependencies.get(row.id) ?? []) dependents.get(id)?.push(row.id)
  return dependents
}

/** Kahn's algorithm from the dependents' side; integers are places in `rows`, so the latest comes first. */
function sortDependentsFirst(
  rows: readonly MigrationRow[],
  dependencies: IdEdges,
  dependents: IdEdges,
): readonly MigrationRow[] {
  const places = new Map(rows.map((row, place) => [row.id, place]))
  const waiting = Int32Array.from(rows, (row) => dependents.get(row.id)?.length ?? 0)
  const ready = createIndexHeap(rows.length)
  waiting.forEach((count, place) => {
    if (count === 0) ready.push(place)
  })
  const order: MigrationRow[] = []
  for (let place = ready.pop(); place !== undefined; place = ready.pop()) {
    const row = rows[place]
    if (row === undefined) break
    order.push(row)
    for (const id of dependencies.get(row.id) ?? []) {
      const target = places.get(id) ?? 0
      const left = (waiting[target] ?? 0) - 1
      waiting[target] = left
      if (left === 0) ready.push(target)
    }
  }
  return order.length === rows.length ? order : [...order, ...rows.filter((_, place) => waiting[place] !== 0)]
}

function reach(ids: Iterable<MigrationId>, edges: IdEdges): ReadonlySet<MigrationId> {
  const seen = new Set<MigrationId>()
  const open = [...ids]
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const next of edges.get(id) ?? []) {
      if (seen.has(next)) continue
      seen.add(next)
      open.push(next)
    }
  }
  return seen
}
