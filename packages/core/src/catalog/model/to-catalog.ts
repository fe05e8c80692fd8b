import { sha256Hex } from '../../checksum/checksum.ts'
import { compareCodeUnits } from '../../text/compare-code-units.ts'
import { type Catalog, type CatalogObject, type CatalogRow, objectKey } from './catalog.ts'

/** Options of {@link toCatalog}. */
export interface ToCatalogOptions {
  /**
   * The key that option values of servers, user mappings and subscriptions are hashed with: catalogs made
   * with the same key can be compared in them. Without it only the names of the options are kept.
   */
  readonly secretKey?: string
}

/** Their options may hold passwords. */
const KINDS_WITH_SECRETS: ReadonlySet<string> = new Set(['server', 'user mapping', 'subscription'])

/** What stands for the value of an option, whatever it is. */
export const HIDDEN_VALUE = '(hidden)'

/**
 * Makes a catalog of the rows of the catalog query, in any order. Values that may be secrets are hashed: no
 * catalog has them.
 *
 * @throws TypeError when two rows tell one facet of one object: the query is wrong.
 * @example
 * const catalog = toCatalog([{ kind: 'table', id: 'public.users', facet: 'owner', value: 'app' }])
 * catalog.objects.get('table public.users')?.facets.get('owner') // 'app'
 */
export function toCatalog(rows: Iterable<CatalogRow>, options: ToCatalogOptions = {}): Catalog {
  const found = new Map<string, { kind: string; id: string; facets: Map<string, string> }>()
  for (const row of rows) {
    const key = objectKey(row)
    const object = found.get(key) ?? { kind: row.kind, id: row.id, facets: new Map<string, string>() }
    found.set(key, object)
    if (object.facets.has(row.facet)) throw new TypeError(`${key} has two values of "${row.facet}"`)
    object.facets.set(row.facet, isSecret(row) ? hide(row, options.secretKey) : row.value)
  }
  return makeCatalog([...found.values()].map((object) => ({ ...object, facets: sortKeys(object.facets) })))
}

/**
 * Makes a catalog of objects, which are sorted.
 *
 * @example makeCatalog([{ kind: 'table', id: 'public.users', facets: new Map() }]).objects.size // 1
 */
export function makeCatalog(objects: readonly CatalogObject[]): Catalog {
  return { objects: sortKeys(new Map(objects.map((object) => [objectKey(object), object]))) }
}

/**
 * Hides the values that were hashed with a key: the catalog is then the same as one that was read without a key.
 *
 * @example withoutHashes(makeCatalog([])).objects.size // 0
 */
export function withoutHashes(catalog: Catalog): Catalog {
  return makeCatalog(
    [...catalog.objects.values()].map((object) =>
      KINDS_WITH_SECRETS.has(object.kind)
        ? { ...object, facets: new Map([...object.facets].map(([facet, value]) => [facet, hideHash(value)])) }
        : object,
    ),
  )
}

const hideHash = (value: string) => (/^hash [0-9a-f]{64}$/.test(value) ? HIDDEN_VALUE : value)

function isSecret({ kind, facet }: CatalogRow): boolean {
  return KINDS_WITH_SECRETS.has(kind) && facet.startsWith('option ')
}

function hide({ kind, id, facet, value }: CatalogRow, key: string | undefined): string {
  if (key === undefined) return HIDDEN_VALUE
  // Hashed twice, so that nothing can be added to the text; the place is part of it.
  return `hash ${sha256Hex(key + sha256Hex(JSON.stringify([key, kind, id, facet, value])))}`
}

function sortKeys<T>(map: ReadonlyMap<string, T>): ReadonlyMap<string, T> {
  return new Map([...map].sort(([a], [b]) => compareCodeUnits(a, b)))
}
