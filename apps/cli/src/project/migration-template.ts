import { formatBatches, type MigrationBatches, type MigrationType } from '@tidemark/core'

/** The header of a new file. */
export interface TemplateParts {
  readonly id: string
  readonly type: MigrationType
  readonly description: string
  readonly dependsOn: readonly string[]
  readonly batches?: MigrationBatches | undefined
  readonly environments?: readonly string[] | undefined
}

/**
 * Writes the text of a new migration: valid from the start where a statement can be guessed, else with empty
 * sections. What is in a section is stored and shown later, so it holds no words of ours.
 */
export function migrationTemplate(parts: TemplateParts): string {
  const { id, type, description, dependsOn, environments, batches } = parts
  const words = id.replace(/^(?:\d+(?:T|[_.-]+|$))+/, '')
  if (batches !== undefined) return batchesTemplate(parts, batches)
  const { up, down } = bodyOf(type, words.replace(/[.-]/g, '_').toLowerCase() || 'it')
  return `-- Migration: ${id}
-- Description: ${description}
-- Type: ${type}
-- Depends on: [${dependsOn.join(', ')}]${environments === undefined ? '' : `\n-- Environments: [${environments.join(', ')}]`}

-- @up
${up}
-- @down
${down}`
}

/** A gate does not wait for it, and it says what would show that it is done. */
function batchesTemplate(
  { id, type, description, dependsOn, environments }: TemplateParts,
  batches: MigrationBatches,
): string {
  const { table, column } = batches
  return `-- Migration: ${id}
-- Description: ${description}
-- Type: ${type}
-- Depends on: [${dependsOn.join(', ')}]${environments === undefined ? '' : `\n-- Environments: [${environments.join(', ')}]`}
-- Batches: ${formatBatches(batches)}
-- Blocking: false

-- such as: UPDATE ${table} SET … WHERE ${column} BETWEEN $1 AND $2 AND … IS NULL;
-- @up

-- @down
SELECT 1;

-- @verify
-- such as: SELECT count(*) = 0 FROM ${table} WHERE … IS NULL;
`
}

// Without a statement the file is refused (TM1015) until somebody writes one: nothing empty is applied by
// mistake.
function bodyOf(type: MigrationType, words: string): { readonly up: string; readonly down: string } {
  if (type !== 'create_table') return { up: '', down: '' }
  const table = words.replace(/^(create|add)_/, '')
  return {
    up: `CREATE TABLE ${table} (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY\n);\n`,
    down: `DROP TABLE ${table};\n`,
  }
}
