import { type CatalogDifference, type CatalogObject, maskSecrets } from '@tidemark/core'
import type { ReportChange } from './document/report-document.ts'

/** Gives a difference between two catalogs as the document has it. */
export function toChange(difference: CatalogDifference): ReportChange {
  if (difference.change === 'changed') {
    const { kind, id, facets } = difference
    return {
      change: 'changed',
      kind,
      id,
      facets: facets.map(({ facet, before, after }) => ({
        facet,
        before: before === undefined ? null : maskSecrets(before),
        after: after === undefined ? null : maskSecrets(after),
      })),
    }
  }
  const { change, object, parts } = difference
  return { change, object: toObject(object), parts: parts.map(toObject) }
}

function toObject({ kind, id, facets }: CatalogObject) {
  return {
    kind,
    id,
    facets: Object.fromEntries([...facets].map(([facet, value]) => [facet, maskSecrets(value)])),
  }
}
