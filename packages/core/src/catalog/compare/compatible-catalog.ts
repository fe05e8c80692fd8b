import type { Catalog, CatalogObject } from '../model/catalog.ts'
import { makeCatalog } from '../model/to-catalog.ts'

/** A rule for catalogs of two major versions, the older of which is before `since`. */
interface VersionRule {
  readonly since: number
  /** Gives the object without what the older version does not have. */
  apply(object: CatalogObject): CatalogObject
}

const withFacets = (
  object: CatalogObject,
  change: (facet: string, value: string) => string | undefined,
): CatalogObject => ({
  ...object,
  facets: new Map(
    [...object.facets].flatMap(([facet, value]) => {
      const changed = change(facet, value)
      return changed === undefined ? [] : [[facet, changed] as const]
    }),
  ),
})

/** A name before a point: the qualifier of a column, or a schema. */
const QUALIFIER = /(?:"(?:[^"]|"")+"|\b[a-z_][\w$]*)\.(?=["a-z_*])/gi

const RULES: readonly VersionRule[] = [
  // 16 writes fewer qualifiers into the text of a view.
  {
    since: 16,
    apply: (object) =>
      withFacets(object, (facet, value) => (facet === 'query' ? value.replace(QUALIFIER, '') : value)),
  },
  // 17 has the privilege MAINTAIN, gives partitions their parent's identity, and names NOT NULL of domains.
  {
    since: 17,
    apply: (object) =>
      withFacets(object, (facet, value) => {
        if (facet === 'identity' && object.facets.has('inherited')) return undefined
        if (facet === 'not null constraint') return undefined
        return facet.startsWith('privileges of ') ? withoutMaintain(value) : value
      }),
  },
  // 18 keeps a constraint for NOT NULL of a column.
  {
    since: 18,
    apply: (object) =>
      withFacets(object, (facet, value) => (facet === 'not null constraint' ? undefined : value)),
  },
]

function withoutMaintain(value: string): string {
  return value
    .split(', ')
    .filter((privilege) => !/^MAINTAIN\b/.test(privilege))
    .join(', ')
}

/**
 * Makes a catalog comparable with one of another major version of PostgreSQL: what only the newer version has,
 * or writes in another way, is taken out. Do it with both.
 *
 * @param majors those of both servers; with equal ones the catalog is as it was.
 * @example compatibleCatalog(catalog, [15, 18]).objects.size // 0
 */
export function compatibleCatalog(catalog: Catalog, majors: readonly [number, number]): Catalog {
  const [older, newer] = [Math.min(...majors), Math.max(...majors)]
  const rules = RULES.filter(({ since }) => older < since && since <= newer)
  if (rules.length === 0) return catalog
  return makeCatalog(
    [...catalog.objects.values()].map((object) =>
      rules.reduce((changed, rule) => rule.apply(changed), object),
    ),
  )
}
