import {
  type Catalog,
  type CatalogDifference,
  type CatalogObject,
  compareCatalogs,
  wholeOf,
} from '@tidemark/core'
import { judgeDifferences } from '../reversibility/reversibility.ts'
import { bareName } from './bare-name.ts'
import type { PairVerdict } from './pair-verdict.ts'

/** What is there after two migrations ran in one order. */
export interface OrderEnd {
  readonly catalog: Catalog
  /** A hash of the rows of each table that either may write to, by its qualified name. */
  readonly rows: ReadonlyMap<string, string>
}

/** Tells whether two orders end the same, and if not, what kind of difference it is. */
export function compareOrders(first: OrderEnd, second: OrderEnd): PairVerdict {
  const differences = compareCatalogs(first.catalog, second.catalog)
  const verdict = judgeDifferences(differences)
  if (verdict === 'exact') {
    const tables = [...first.rows]
      .filter(([table, hash]) => second.rows.get(table) !== hash)
      .map(([table]) => table)
    return tables.length === 0 ? { kind: 'same' } : { kind: 'rows_differ', tables }
  }
  if (verdict === 'column_order') return { kind: 'column_order', differences }
  const isGenerated = differOnlyInNames(differences, first.catalog, second.catalog)
  return { kind: isGenerated ? 'generated_names' : 'differs', differences }
}

const NAMED_BY_SERVER: ReadonlySet<string> = new Set(['constraint', 'index', 'sequence'])

/**
 * Whether the objects that differ are, on both sides, the same constraints, indexes and sequences under other
 * names.
 */
function differOnlyInNames(
  differences: readonly CatalogDifference[],
  first: Catalog,
  second: Catalog,
): boolean {
  const keys = differences.flatMap((one) =>
    one.change === 'changed' ? [one] : [one.object, ...one.parts].map(({ kind, id }) => ({ kind, id })),
  )
  if (!keys.every(({ kind }) => NAMED_BY_SERVER.has(kind))) return false
  const forms = (catalog: Catalog) =>
    keys
      .flatMap(({ kind, id }) => catalog.objects.get(`${kind} ${id}`) ?? [])
      .map(withoutName)
      .sort()
  const [a, b] = [forms(first), forms(second)]
  return a.length === b.length && a.every((form, place) => form === b[place])
}

/** What an object is, its own name taken out of everything that says it. */
function withoutName(object: CatalogObject): string {
  const whole = wholeOf(object)
  const name =
    object.kind === 'constraint' && whole !== null ? object.id.slice(whole.length + 1) : bareName(object.id)
  const facets = [...object.facets].map(([facet, value]) => [facet, value.replaceAll(name, '?')])
  return JSON.stringify([object.kind, whole, facets])
}
