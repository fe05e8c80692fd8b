import { HIDDEN_VALUE } from '../model/to-catalog.ts'
import type { CatalogDifference, FacetChange } from './catalog-difference.ts'

/** Longer values are not shown in a sentence. */
const MAX_SHOWN = 100

/**
 * Says in plain English what a difference is: a sentence for the object, or one for each facet. Values that
 * are long, have several lines or may be secrets are not shown.
 *
 * @example
 * const facets = [{ facet: 'type', before: 'text', after: 'bigint' }]
 * describeCatalogDifference({ change: 'changed', kind: 'column', id: 'public.users.email', facets })
 * // ['column public.users.email: type is "bigint", not "text"']
 */
export function describeCatalogDifference(difference: CatalogDifference): readonly string[] {
  switch (difference.change) {
    case 'added':
      return [`${difference.object.kind} ${difference.object.id} was added`]
    case 'removed':
      return [`${difference.object.kind} ${difference.object.id} is missing`]
    case 'changed':
      return difference.facets.map(
        (change) => `${difference.kind} ${difference.id}: ${describeFacet(change)}`,
      )
  }
}

function describeFacet({ facet, before, after }: FacetChange): string {
  const isShown = isShort(before) && isShort(after)
  if (facet === 'column order') return 'the columns are in another order'
  if (after === undefined)
    return before !== undefined && isShown ? `${facet} is gone; it was "${before}"` : `${facet} is gone`
  if (before === undefined)
    return isShown ? `${facet} is "${after}", and should not be set` : `${facet} was added`
  return isShown ? `${facet} is "${after}", not "${before}"` : `${facet} differs`
}

function isShort(value: string | undefined): boolean {
  if (value === undefined) return true
  return (
    value.length <= MAX_SHOWN && !value.includes('\n') && !value.startsWith('hash ') && value !== HIDDEN_VALUE
  )
}
