import type { Destruction, StatementFacts } from '../../sql/facts/facts.ts'
import { formatRelationName, type RelationName } from '../../sql/facts/relation-name.ts'

/** The tables of `docs/formats.md` and their types. */
const TRACKING_NAMES: ReadonlySet<string> = new Set([
  'schema_migrations',
  'migration_history',
  'database_schema',
  'migration_type',
  'migration_status',
])

/** TM1022 as text: which part of the tracking tables a statement would take away. */
export interface TrackingLoss {
  readonly code: 'TM1022'
  readonly message: string
  readonly help: string
}

/**
 * Finds a DROP or TRUNCATE that would take away what the tool remembers. A name without a schema counts only
 * where the tables lie in `public`, which is where it would be looked up.
 */
export function findTrackingLoss(facts: StatementFacts, trackingSchema: string): TrackingLoss | undefined {
  for (const destruction of facts.destructions) {
    const lost = listLost(destruction).find((name) => isTracking(name, destruction, trackingSchema))
    if (lost === undefined) continue
    const what = destruction.kind === 'drop' ? `drop the ${destruction.object}` : 'empty the table'
    const message = `this would ${what} ${formatRelationName(lost)}, where applied migrations are recorded`
    return {
      code: 'TM1022',
      message,
      help: `remove it, or keep the tracking tables in another schema: \`--schema NAME\``,
    }
  }
  return undefined
}

function listLost(destruction: Destruction): readonly RelationName[] {
  switch (destruction.kind) {
    case 'drop':
      return destruction.names
    case 'truncate':
      return destruction.tables
    case 'delete_all':
    case 'delete_matched':
      return [destruction.table]
    default:
      return []
  }
}

function isTracking(name: RelationName, destruction: Destruction, trackingSchema: string): boolean {
  if (destruction.kind === 'drop') {
    if (destruction.object === 'schema') return name.name === trackingSchema
    if (!['table', 'type'].includes(destruction.object)) return false
  }
  return TRACKING_NAMES.has(name.name) && (name.schema ?? 'public') === trackingSchema
}
