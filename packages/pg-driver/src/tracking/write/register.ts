import { compareFile, type History, type Migration, type MigrationRow } from '@tidemark/core'
import { sql } from 'kysely'
import { type CompiledStatement, defineStatement } from '../../statement/compiled-statement.ts'
import { filesParameter, upsertFiles, writtenAt } from './migration-columns.ts'

const register = defineStatement<{ readonly files: string }>((tools) => {
  const written = upsertFiles(tools, {
    as: 'known',
    keep: ['replaced_by', 'last_applied_at', 'last_applied_after', 'in_force'],
    updated: { updated_at: writtenAt },
  })
  return sql`${written} where m.status not in ('completed', 'running') and m.statements_done is null`
})

/**
 * Builds the one statement that gives each file without a row a `pending` one and brings text and checksum of
 * rows that are not completed up to date. A half done non-transactional migration keeps the text that ran
 * until it is resumed.
 */
export function registerStatement(schema: string, migrations: readonly Migration[]): CompiledStatement {
  return register(schema, { files: filesParameter(migrations) })
}

/**
 * Finds the files that {@link registerStatement} is for: without a row, or changed and not completed, or checked
 * since. The
 * file that is applied, or an older one, does not take the place of the one that failed.
 */
export function findUnregistered(history: History, migrations: readonly Migration[]): readonly Migration[] {
  const rows = new Map<string, MigrationRow>(
    history.kind === 'absent' ? [] : history.rows.map((row) => [row.id, row]),
  )
  return migrations.filter((migration) => {
    const row = rows.get(migration.id)
    if (row === undefined) return true
    const settled = row.status === 'completed' || row.status === 'running' || row.statementsDone !== null
    if (settled) return false
    if (row.checksum === migration.checksum) return isNewVerdict(migration, row)
    return compareFile(migration, row) === 'different'
  })
}

/** A check may have shown something since the row was written. */
function isNewVerdict({ downVerdict: known }: Migration, { downVerdict: stored }: MigrationRow): boolean {
  return known !== undefined && JSON.stringify(known) !== JSON.stringify(stored)
}
