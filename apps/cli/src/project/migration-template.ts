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
 * Writes the text of a new migration: valid from the start where a statement can be guessed, else with a
 * statement that says what to do.
 */
export function migrationTemplate(parts: TemplateParts): string {
  const { id, type, description, dependsOn, environments, batches } = parts
  const words = id.replace(/^(?:\d+(?:T|[_.-]+|$))+/, '')
  if (batches !== undefined) return batchesTemplate(parts, batches)
  const { up, down } = BODIES[type](words.replace(/[.-]/g, '_').toLowerCase() || 'it')
  return `-- Migration: ${id}
-- Description: ${description}
-- Type: ${type}
-- Depends on: [${dependsOn.join(', ')}]${environments === undefined ? '' : `\n-- Environments: [${environments.join(', ')}]`}

-- @up
${up}

-- @down
${down}
`
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

-- @up
-- such as: UPDATE ${table} SET … WHERE ${column} BETWEEN $1 AND $2 AND … IS NULL;

-- @down
SELECT 1;

-- @verify
-- such as: SELECT count(*) = 0 FROM ${table} WHERE … IS NULL;
`
}

const BODIES: Readonly<Record<MigrationType, (words: string) => { up: string; down: string }>> = {
  create_table: (words) => {
    const table = words.replace(/^(create|add)_/, '')
    return {
      up: `CREATE TABLE ${table} (\n  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY\n);`,
      down: `DROP TABLE ${table};`,
    }
  },
  alter_table: () => example('ALTER TABLE … ADD COLUMN … ;', 'ALTER TABLE … DROP COLUMN … ;'),
  drop_table: () => example('DROP TABLE … ;', 'CREATE TABLE … ;'),
  create_index: () => example('CREATE INDEX … ON … (…);', 'DROP INDEX … ;'),
  drop_index: () => example('DROP INDEX … ;', 'CREATE INDEX … ON … (…);'),
  insert_data: () => example('INSERT INTO … VALUES (…);', 'DELETE FROM … WHERE … ;'),
  update_data: () => example('UPDATE … SET … WHERE … ;', 'UPDATE … SET … WHERE … ;'),
  delete_data: () => example('DELETE FROM … WHERE … ;', 'INSERT INTO … VALUES (…);'),
  custom_sql: () => example('', ''),
}

// Without a statement the file is refused (TM1015) until somebody writes one: nothing empty is applied by
// mistake.
function example(up: string, down: string): { up: string; down: string } {
  const line = (text: string): string => (text === '' ? '-- write the SQL here' : `-- such as: ${text}`)
  return { up: line(up), down: line(down) }
}
