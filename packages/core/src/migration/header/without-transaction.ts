import type { Migration } from '../model/migration.ts'
import { findHeaderEntries, type HeaderEntry } from './header-entries.ts'
import { HEADER_KEYS } from './header-keys.ts'
import { listHeaderLines } from './header-lines.ts'

/**
 * Writes `Transaction: none` in the header of a migration, after its last line or before its `@up`.
 *
 * @returns the normalised text.
 * @example withoutTransaction(migration).split('\n')[1] // '-- Transaction: none'
 */
export function withoutTransaction({ source, up }: Pick<Migration, 'source' | 'up'>): string {
  const { text } = source
  const { entries } = findHeaderEntries(source, listHeaderLines(text, up.marker.start))
  const own = entries.get('transaction')
  if (own !== undefined) return `${text.slice(0, own.value[0].start)}none${text.slice(endOf(own))}`
  const end = Math.max(0, ...[...entries.values()].map(endOf))
  const at = end === 0 ? up.marker.start : text.indexOf('\n', end) + 1
  return `${text.slice(0, at)}-- ${HEADER_KEYS.transaction}: none\n${text.slice(at)}`
}

function endOf({ value }: HeaderEntry): number {
  return (value.at(-1) ?? value[0]).end
}
