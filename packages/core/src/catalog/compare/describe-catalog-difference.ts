import { HIDDEN_VALUE } from '../model/to-catalog.ts'
import type { CatalogDifference, FacetChange } from './catalog-difference.ts'

/** Longer values are not shown in a sentence. */
const MAX_SHOWN = 100

/** What it means that a facet is not there. */
const ABSENT: Readonly<Record<string, string>> = {
  'foreign key triggers': 'enabled',
  persistence: 'permanent',
  permissive: 'permissive',
  'privileges of PUBLIC': 'the usual ones',
  'privileges of its owner': 'the usual ones',
  'replica identity': 'the usual one',
  'row security': 'disabled',
  state: 'enabled',
  validity: 'valid',
}

const PLURAL =
  /^(?:privileges of .*|.*options|grantors|members|mappings|roles|labels|operations|publications|functions|rules|foreign key triggers|statistics targets|tables)$/

/**
 * Says in plain English what a difference is: a sentence for the object, or one for each facet. Values that
 * are long, have several lines or may be secrets are not shown.
 *
 * @example
 * const facets = [{ facet: 'type', before: 'text', after: 'bigint' }]
 * describeCatalogDifference({ change: 'changed', kind: 'column', id: 'public.users.email', facets })
 * // ['column public.users.email: type is "bigint" instead of "text"']
 */
export function describeCatalogDifference(difference: CatalogDifference): readonly string[] {
  if (difference.change === 'changed') {
    const { kind, id, facets } = difference
    return facets.map((change) => `${kind} ${id}: ${describeFacet(change)}`)
  }
  const { kind, id } = difference.object
  const isPlural = /(?:privileges|statistics)$/.test(kind)
  const [was, is] = isPlural ? ['were', 'are'] : ['was', 'is']
  return [`${kind} ${id} ${difference.change === 'added' ? `${was} added` : `${is} missing`}`]
}

function describeFacet({ facet, before, after }: FacetChange): string {
  if (facet === 'column order') return 'the columns are in another order'
  const isPlural = PLURAL.test(facet)
  if (!isShort(before) || !isShort(after)) {
    if (before === undefined) return `${facet} ${isPlural ? 'were' : 'was'} added`
    if (after === undefined) return `${facet} ${isPlural ? 'are' : 'is'} missing`
    return `${facet} ${isPlural ? 'differ' : 'differs'}`
  }
  const absent = ABSENT[facet] ?? ((before ?? after) === 'yes' ? 'no' : 'none')
  const shown = (value: string | undefined) => (value === undefined ? absent : quote(value))
  return `${facet} ${isPlural ? 'are' : 'is'} ${shown(after)} instead of ${shown(before)}`
}

const quote = (value: string) => (value === 'yes' ? value : `"${value}"`)

function isShort(value: string | undefined): boolean {
  if (value === undefined) return true
  return (
    value.length <= MAX_SHOWN && !value.includes('\n') && !value.startsWith('hash ') && value !== HIDDEN_VALUE
  )
}
