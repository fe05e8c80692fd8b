/** One row of the catalog query: a fact about one object. */
export interface CatalogRow {
  /** What the object is, such as `table`, `column`, `index` or `function`. */
  readonly kind: string
  /** Its qualified name, such as `public.users` or `public.users.email`. */
  readonly id: string
  /** Which fact, such as `type` or `privileges of anon`. */
  readonly facet: string
  readonly value: string
}

/** An object of a database, with all that is known of it. */
export interface CatalogObject {
  readonly kind: string
  readonly id: string
  /** Values by facet, sorted by facet. */
  readonly facets: ReadonlyMap<string, string>
}

/** What a database's schema is at one moment: every object, sorted by kind and id. */
export interface Catalog {
  /** By {@link objectKey}. */
  readonly objects: ReadonlyMap<string, CatalogObject>
}

/**
 * Names an object in one text, unique in its catalog.
 *
 * @example objectKey({ kind: 'table', id: 'public.users' }) // 'table public.users'
 */
export function objectKey(object: Pick<CatalogObject, 'kind' | 'id'>): string {
  return `${object.kind} ${object.id}`
}
