import { compareCodeUnits } from '../../text/compare-code-units.ts'
import { type Catalog, type CatalogObject, objectKey } from '../model/catalog.ts'
import { listWholes, splitNames } from '../model/place.ts'
import type { CatalogDifference, FacetChange } from './catalog-difference.ts'

/** Options of {@link compareCatalogs}. */
export interface CompareOptions {
  /** Facets that do not count, such as `column order`, `owner`, `grantors`. */
  readonly ignoredFacets?: readonly string[]
}

/**
 * Lists how catalog `b` differs from `a`, an entry for each object, sorted by kind and id. What belongs to an
 * added or removed object, such as the columns of a table, is among its parts. Columns, constraints and the
 * order of columns are compared by name: object ids do not matter.
 *
 * @example
 * const column = { kind: 'column', id: 'public.users.email', facet: 'type' }
 * const [difference] = compareCatalogs(
 *   toCatalog([{ ...column, value: 'text' }]),
 *   toCatalog([{ ...column, value: 'bigint' }]),
 * )
 * // { change: 'changed', kind: 'column', id: 'public.users.email',
 * //   facets: [{ facet: 'type', before: 'text', after: 'bigint' }] }
 */
export function compareCatalogs(
  a: Catalog,
  b: Catalog,
  options: CompareOptions = {},
): readonly CatalogDifference[] {
  const ignored = new Set(options.ignoredFacets)
  const removed = listMissing(a, b)
  const added = listMissing(b, a)
  const changed = [...a.objects].flatMap(([key, before]): readonly CatalogDifference[] => {
    const after = b.objects.get(key)
    if (after === undefined) return []
    const facets = compareFacets(before.facets, after.facets, ignored)
    return facets.length === 0 ? [] : [{ change: 'changed', kind: before.kind, id: before.id, facets }]
  })
  return [
    ...withParts(removed).map(({ object, parts }) => ({ change: 'removed' as const, object, parts })),
    ...withParts(added).map(({ object, parts }) => ({ change: 'added' as const, object, parts })),
    ...changed,
  ].sort(byObject)
}

function compareFacets(
  before: ReadonlyMap<string, string>,
  after: ReadonlyMap<string, string>,
  ignored: ReadonlySet<string>,
): readonly FacetChange[] {
  return [...new Set([...before.keys(), ...after.keys()])]
    .filter((facet) => !ignored.has(facet))
    .sort(compareCodeUnits)
    .map((facet) => ({ facet, before: before.get(facet), after: after.get(facet) }))
    .filter((change) => !isEqual(change))
}

/** A column that only one of them has is a difference of its own, and no other order. */
function isEqual({ facet, before, after }: FacetChange): boolean {
  if (before === after) return true
  if (facet !== 'column order' || before === undefined || after === undefined) return false
  const [first, second] = [splitNames(before), splitNames(after)]
  const common = (names: readonly string[], others: ReadonlySet<string>) =>
    names.filter((name) => others.has(name)).join()
  return common(first, new Set(second)) === common(second, new Set(first))
}

/** The objects of `a` that `b` does not have. */
function listMissing(a: Catalog, b: Catalog): ReadonlyMap<string, CatalogObject> {
  return new Map([...a.objects].filter(([key]) => !b.objects.has(key)))
}

interface WithParts {
  readonly object: CatalogObject
  readonly parts: readonly CatalogObject[]
}

/** Puts each object under the largest one that it belongs to. */
function withParts(objects: ReadonlyMap<string, CatalogObject>): readonly WithParts[] {
  const parts = new Map<string, CatalogObject[]>()
  for (const [key, object] of objects) {
    const whole = findRoot(objects, key, object)
    const list = parts.get(whole) ?? []
    parts.set(whole, list)
    if (whole !== key) list.push(object)
  }
  return [...parts].flatMap(([key, list]) => {
    const object = objects.get(key)
    return object === undefined ? [] : [{ object, parts: list }]
  })
}

function findRoot(objects: ReadonlyMap<string, CatalogObject>, key: string, object: CatalogObject): string {
  const whole = listWholes(object).findLast((candidate) => candidate !== key && objects.has(candidate))
  const above = whole === undefined ? undefined : objects.get(whole)
  return whole === undefined || above === undefined ? key : findRoot(objects, whole, above)
}

function byObject(a: CatalogDifference, b: CatalogDifference): number {
  return compareCodeUnits(differenceKey(a), differenceKey(b))
}

/**
 * Names the object of a difference, as `objectKey` does.
 *
 * @example differenceKey({ change: 'changed', kind: 'table', id: 'public.users', facets: [] }) // 'table public.users'
 */
export function differenceKey(difference: CatalogDifference): string {
  return objectKey(difference.change === 'changed' ? difference : difference.object)
}
