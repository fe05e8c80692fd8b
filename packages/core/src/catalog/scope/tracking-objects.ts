/** The tables and types that remember what was applied; what belongs to them goes with them. */
const NAMES = [
  'schema_migrations',
  'migration_history',
  'database_schema',
  'migration_type',
  'migration_status',
]

/** Lists the ids of Tidemark's own objects in a schema, in both ways that an id may be written. */
export function listTrackingIds(schema: string): ReadonlySet<string> {
  const quoted = `"${schema.replaceAll('"', '""')}"`
  return new Set(NAMES.flatMap((name) => [`${schema}.${name}`, `${quoted}.${name}`]))
}
