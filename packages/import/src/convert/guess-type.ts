import type { MigrationType, StatementFacts } from '@tidemark/core'

const ACCOMPANIES_TABLE =
  /^(ALTER TABLE|COMMENT|GRANT|REVOKE|CREATE (INDEX|POLICY|TRIGGER|SEQUENCE)|SET|SELECT)\b/

/**
 * Guesses the `Type` of a migration: one kind of statement all through, or tables with what belongs to them.
 * Else `custom_sql`.
 */
export function guessType(facts: readonly StatementFacts[]): MigrationType {
  const counted = facts.filter(({ command }) => command !== 'SET')
  const types = new Set(counted.map(typeOf))
  const [only] = types
  if (types.size === 1 && only !== undefined) return only
  const isTables =
    types.has('create_table') &&
    counted.every((fact) => fact.createdTable !== undefined || ACCOMPANIES_TABLE.test(fact.command))
  return isTables ? 'create_table' : 'custom_sql'
}

function typeOf({ command, createdTable, indexBuild }: StatementFacts): MigrationType {
  if (createdTable !== undefined) return 'create_table'
  if (indexBuild !== undefined) return 'create_index'
  return BY_COMMAND.get(command) ?? 'custom_sql'
}

const BY_COMMAND: ReadonlyMap<string, MigrationType> = new Map([
  ['ALTER TABLE', 'alter_table'],
  ['DROP TABLE', 'drop_table'],
  ['DROP INDEX', 'drop_index'],
  ['INSERT', 'insert_data'],
  ['UPDATE', 'update_data'],
  ['DELETE', 'delete_data'],
  ['TRUNCATE', 'delete_data'],
])
