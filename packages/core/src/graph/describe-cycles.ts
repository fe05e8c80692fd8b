import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration } from '../migration/model/migration.ts'
import { findCycle } from './find-cycle.ts'
import type { Edges } from './sort.ts'

/** At most this many cycles are reported at once. */
const CYCLE_LIMIT = 10
/** Of a longer cycle only the ends are named. */
const LINK_LIMIT = 12

/**
 * Describes cycles that share no migration, shortest first, each as a path from its lowest id back to itself.
 *
 * @param stuck what could not be ordered, ascending.
 * @returns TM2003, at most ten.
 */
export function describeCycles(
  active: readonly Migration[],
  edges: Edges,
  stuck: readonly number[],
): readonly Diagnostic[] {
  const problems: Diagnostic[] = []
  let rest = stuck
  while (rest.length > 0 && problems.length < CYCLE_LIMIT) {
    const cycle = findCycle(edges, rest)
    if (cycle === undefined) break
    problems.push(describe(cycle.flatMap((rank) => active[rank] ?? [])))
    const reported = new Set(cycle)
    rest = rest.filter((rank) => !reported.has(rank))
  }
  return problems
}

function describe(cycle: readonly Migration[]): Diagnostic {
  const [first, ...others] = cycle
  if (first === undefined) throw new TypeError('a cycle without a migration')
  const path = shorten([...cycle, first].map((migration) => `"${migration.id}"`)).join(' → ')
  return {
    code: 'TM2003',
    severity: 'error',
    message: `the dependencies form a cycle: ${path}`,
    source: first.source,
    span: edgeSpan(first, others[0] ?? first),
    help: 'remove one of these from "Depends on"',
    related: others.slice(0, LINK_LIMIT).map((migration, place) => {
      const next = others[place + 1] ?? first
      return {
        message: `"${migration.id}" depends on "${next.id}"`,
        source: migration.source,
        span: edgeSpan(migration, next),
      }
    }),
  }
}

function shorten(ids: readonly string[]): readonly string[] {
  if (ids.length <= LINK_LIMIT + 1) return ids
  const ends = LINK_LIMIT / 2
  return [...ids.slice(0, ends), `… ${ids.length - 2 * ends} more …`, ...ids.slice(-ends)]
}

function edgeSpan(from: Migration, to: Migration): { readonly start: number; readonly end: number } {
  const names = [to.id, ...to.header.replaces]
  const place = from.header.dependsOn.findIndex((id) => names.includes(id))
  return from.dependsOnSpans[place] ?? { start: 0, end: 0 }
}
