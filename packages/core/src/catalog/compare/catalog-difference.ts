import type { CatalogObject } from '../model/catalog.ts'

/** How one object differs between two catalogs, the second one being what is found. */
export type CatalogDifference = AddedObject | RemovedObject | ChangedObject

/** Only the second catalog has the object. */
export interface AddedObject {
  readonly change: 'added'
  readonly object: CatalogObject
  /** What came with it, such as a table's columns. */
  readonly parts: readonly CatalogObject[]
}

/** Only the first catalog has the object. */
export interface RemovedObject {
  readonly change: 'removed'
  readonly object: CatalogObject
  /** What went with it. */
  readonly parts: readonly CatalogObject[]
}

/** Both have the object. */
export interface ChangedObject {
  readonly change: 'changed'
  readonly kind: string
  readonly id: string
  /** Sorted by facet; at least one. */
  readonly facets: readonly FacetChange[]
}

/** One fact that differs; undefined where a catalog does not have it. */
export interface FacetChange {
  readonly facet: string
  readonly before: string | undefined
  readonly after: string | undefined
}
