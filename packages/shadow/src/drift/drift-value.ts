import { type CatalogDifference, type CatalogObject, sha256Hex } from '@tidemark/core'

/**
 * Gives the SHA-256 of what was found, as 64 hex digits: equal for equal findings on every run. Values that may
 * be secrets are not part of it.
 *
 * @example driftValue({ change: 'removed', object, parts: [] }) // the same for every object that is missing
 */
export function driftValue(difference: CatalogDifference): string {
  return sha256Hex(JSON.stringify(found(difference)))
}

function found(difference: CatalogDifference): unknown {
  switch (difference.change) {
    case 'removed':
      return 'missing'
    case 'added':
      return [difference.object, ...difference.parts].map(contents)
    case 'changed':
      return difference.facets.map(({ facet, after }) => [facet, after === undefined ? null : shown(after)])
  }
}

function contents({ kind, id, facets }: CatalogObject): unknown {
  return [kind, id, [...facets].map(([facet, value]) => [facet, shown(value)])]
}

/** Hashes of secrets are made with another key each time. */
const shown = (value: string) => (/^hash [0-9a-f]{64}$/.test(value) ? '(hidden)' : value)
