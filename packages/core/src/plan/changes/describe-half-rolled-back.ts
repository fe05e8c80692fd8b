import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { Migration, MigrationId } from '../../migration/model/migration.ts'

/**
 * TM4009: a rollback without a transaction was started and did not finish, so the migration is neither
 * applied nor pending.
 */
export function describeHalfRolledBack(
  id: MigrationId,
  statementsDone: number,
  file: Migration | undefined,
): Diagnostic {
  const done =
    statementsDone === 0
      ? 'its @down was started and did not finish'
      : `${statementsDone} ${statementsDone === 1 ? 'statement of its @down is' : 'statements of its @down are'} done`
  return {
    code: 'TM4009',
    severity: 'error',
    message: `"${id}" is partly rolled back: ${done}`,
    ...(file === undefined ? {} : { source: file.source, span: { start: 0, end: 0 } }),
    help: `finish the rollback first: tidemark down --target ${id}`,
  }
}
