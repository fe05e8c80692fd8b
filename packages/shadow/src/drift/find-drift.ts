import {
  type Catalog,
  type CatalogDifference,
  type CatalogObject,
  compareCatalogs,
  differenceKey,
  type FacetChange,
  listWholes,
  objectKey,
} from '@tidemark/core'

/** Three catalogs of one scope, comparable with each other. */
export interface DriftCatalogs {
  /** What an empty database has. */
  readonly empty: Catalog
  /** What the migrations make of it. */
  readonly expected: Catalog
  /** What the database has. */
  readonly found: Catalog
}

/** What differs between the migrations and a database. */
export interface FoundDrift {
  readonly drift: readonly CatalogDifference[]
  /** Objects that no migration made or changed. */
  readonly notOurs: readonly CatalogDifference[]
}

/** Who owns an object and who granted on it differs between any two servers. */
export const OWNER_FACETS: readonly string[] = ['owner', 'grantors']

/**
 * Compares a database with what its migrations make. What they made or changed counts, with its parts, such as
 * an index that was added by hand; of an object that was there before them only what they changed.
 *
 * @example findDrift({ empty, expected, found }, OWNER_FACETS) // { drift: [], notOurs: [] }
 */
export function findDrift(catalogs: DriftCatalogs, ignoredFacets: readonly string[]): FoundDrift {
  const { empty, expected, found } = catalogs
  const ours = findOurs(compareCatalogs(empty, expected))
  const drift: CatalogDifference[] = []
  const notOurs: CatalogDifference[] = []
  for (const difference of compareCatalogs(expected, found, { ignoredFacets })) {
    const judged = judge(difference, ours)
    if (judged === 'not ours') notOurs.push(difference)
    else if (judged !== undefined) drift.push(judged)
  }
  return { drift, notOurs }
}

/** What the migrations did to an empty database. */
interface Ours {
  /** Keys of what they made, and of what they dropped. */
  readonly made: ReadonlySet<string>
  /** Facets that they changed, by the key of the object. */
  readonly changed: ReadonlyMap<string, ReadonlySet<string>>
}

function findOurs(differences: readonly CatalogDifference[]): Ours {
  const made = new Set<string>()
  const changed = new Map<string, ReadonlySet<string>>()
  for (const difference of differences) {
    if (difference.change === 'changed') {
      changed.set(differenceKey(difference), new Set(difference.facets.map(({ facet }) => facet)))
    } else {
      for (const object of [difference.object, ...difference.parts]) made.add(objectKey(object))
    }
  }
  return { made, changed }
}

/** The part of a difference that is ours; undefined where the shadow only lacks what the server has. */
function judge(difference: CatalogDifference, ours: Ours): CatalogDifference | 'not ours' | undefined {
  const key = differenceKey(difference)
  if (difference.change === 'changed') {
    if (ours.made.has(key)) return difference
    const facets = difference.facets.filter(({ facet }: FacetChange) => ours.changed.get(key)?.has(facet))
    return facets.length === 0 ? 'not ours' : { ...difference, facets }
  }
  if (ours.made.has(key)) return difference
  if (difference.change === 'removed') return undefined
  return isPartOfOurs(difference.object, ours) ? difference : 'not ours'
}

/** What is in a schema is part of it only where the migrations made the schema. */
function isPartOfOurs(object: CatalogObject, { made, changed }: Ours): boolean {
  return listWholes(object).some((key) => made.has(key) || (changed.has(key) && !key.startsWith('schema ')))
}
