import { foreignTable, foreignType } from './tracking-errors.ts'
import { ENUMS, ESSENTIAL_COLUMNS } from './tracking-schema.ts'
import type { TrackingState } from './tracking-state.ts'
import { refuseNewerLayout } from './visible-rows.ts'

/**
 * Throws when a name in the tracking schema is taken by something else (TM3001, TM3002) or by a newer layout (TM3003).
 * A table is ours when it is a table and has the columns that every layout has.
 */
export function refuseForeign(state: TrackingState, schema: string): void {
  for (const { name, kind, columns, comment } of state.tables) {
    refuseNewerLayout(comment, schema)
    const ours = kind === 'r' && ESSENTIAL_COLUMNS[name].every((column) => columns.includes(column))
    if (!ours) throw foreignTable(schema, name, columns)
  }
  for (const { name, kind, labels } of state.types) {
    const expected: readonly string[] =
      name === 'migration_type' ? ENUMS.migration_type : ENUMS.migration_status
    if (kind !== 'e') throw foreignType(schema, name, 'no enum')
    if (!expected.every((label) => labels.includes(label)) || labels.length !== expected.length) {
      throw foreignType(schema, name, `an enum of ${labels.join(', ') || 'no labels'}`)
    }
  }
}
