import { foreignTable, foreignType, untrustedObjects } from './tracking-errors.ts'
import { ENUMS, ESSENTIAL_COLUMNS } from './tracking-schema.ts'
import type { TrackingState } from './tracking-state.ts'
import { refuseNewerLayout } from './visible-rows.ts'

/**
 * Throws when a name in the tracking schema is taken by something else (TM3001, TM3002) or by a newer layout
 * (TM3003), or when another role has a say in it (TM3008): by owning it, or by what is on the table and could
 * run. A table is ours when it is a table and has the columns that every layout has.
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
  const found = findUntrusted(state, schema)
  if (found.length > 0) {
    const table = state.tables.find(({ trusted, oddities }) => !trusted || oddities.length > 0)
    throw untrustedObjects(schema, found, table?.name ?? null)
  }
}

/** The schema "public" comes with the database: its owner may drop our tables, and cannot write them. */
function findUntrusted({ schemaOwner, tables, types }: TrackingState, schema: string): readonly string[] {
  return [
    ...(schemaOwner === null || schemaOwner.trusted || schema === 'public'
      ? []
      : [`the schema belongs to "${schemaOwner.owner}"`]),
    ...tables.flatMap(({ name, owner, trusted, oddities }) => [
      ...(trusted ? [] : [`the table "${name}" belongs to "${owner}"`]),
      ...oddities.map((oddity) => `the table "${name}" has a ${oddity}`),
    ]),
    ...types.flatMap(({ name, owner, trusted }) =>
      trusted ? [] : [`the type "${name}" belongs to "${owner}"`],
    ),
  ]
}
