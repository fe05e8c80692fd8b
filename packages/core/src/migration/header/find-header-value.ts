import type { Span } from '../../text/span.ts'
import type { Migration } from '../model/migration.ts'
import { findHeaderEntries } from './header-entries.ts'
import type { HeaderField } from './header-keys.ts'
import { listHeaderLines } from './header-lines.ts'

/**
 * Finds the place of a header value, for a problem that is not of the file alone. Undefined where the header does
 * not have it.
 *
 * @example findHeaderValue(migration, 'batches') // of `-- Batches: orders by id` that of `orders by id`
 */
export function findHeaderValue(
  { source, up }: Pick<Migration, 'source' | 'up'>,
  field: HeaderField,
): Span | undefined {
  const lines = listHeaderLines(source.text, up.marker.start)
  return findHeaderEntries(source, lines).entries.get(field)?.value[0]
}
