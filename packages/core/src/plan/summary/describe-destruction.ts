import type { Destruction } from '../../sql/facts/facts.ts'
import { formatRelationName, type RelationName } from '../../sql/facts/relation-name.ts'

/**
 * Says in plain words what a statement takes away.
 *
 * @example describeDestruction({ kind: 'delete_all', table: { name: 'orders' } }) // 'deletes every row of orders'
 */
export function describeDestruction(destruction: Destruction): string {
  switch (destruction.kind) {
    case 'drop':
      return `drops the ${destruction.object} ${listNames(destruction.names)}${destruction.cascade ? ' and everything that depends on it' : ''}`
    case 'truncate':
      return `empties ${listNames(destruction.tables)}`
    case 'delete_all':
      return `deletes every row of ${formatRelationName(destruction.table)}`
    case 'delete_matched':
      return `deletes the rows of ${formatRelationName(destruction.table)} that MERGE matches`
    case 'update_all':
      return `updates every row of ${formatRelationName(destruction.table)}`
    case 'drop_column':
      return `drops the column ${destruction.name} of ${formatRelationName(destruction.table)}`
    case 'change_type':
      return `changes the type of ${destruction.name} in ${formatRelationName(destruction.table)}`
    case 'drop_constraint':
      return `drops the constraint ${destruction.name} of ${formatRelationName(destruction.table)}`
  }
}

function listNames(names: readonly RelationName[]): string {
  return names.map(formatRelationName).join(', ')
}
