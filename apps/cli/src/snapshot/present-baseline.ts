import type { BaselineDraftJson } from '../schema/shadow-schemas.ts'
import { count } from '../text/count.ts'
import type { Paint } from '../text/paint.ts'

/** Writes what became of a first migration, and what to do with it; without a file, its text. */
export function presentBaseline(
  { id, written, tables, proved, why, text }: BaselineDraftJson,
  paint: Paint,
): string {
  if (written === null) return text
  const how = proved ? 'makes the same schema on an empty database' : `not checked: ${why}`
  return [
    `${paint.green('✓')} ${written}  ${count(tables, 'table')}, ${how}`,
    `The database was only read. It has this schema already, so record the migration there: tidemark baseline --through ${id}`,
  ].join('\n')
}
