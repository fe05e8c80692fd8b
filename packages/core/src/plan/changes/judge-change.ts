import { diagnose } from '../../diagnostic/diagnose.ts'
import type { Diagnostic } from '../../diagnostic/diagnostic.ts'
import type { Migration } from '../../migration/model/migration.ts'
import type { StoredMigration } from '../history/history.ts'
import { describeChange } from './describe-change.ts'
import { findChanges } from './find-changes.ts'

/** What {@link judgeChange} reads. */
export interface ChangeInput {
  readonly migration: Migration
  /** What was applied; undefined when it was not read: then the worst is assumed. */
  readonly stored: StoredMigration | undefined
  /** Late dependencies are reported on their own. */
  readonly late: boolean
}

/** TM4001: an applied file changed. An error when what ran is not what the file says, else a warning. */
export function judgeChange({ migration, stored, late }: ChangeInput): readonly Diagnostic[] {
  if (stored === undefined) return [unknownChange(migration)]
  const change = findChanges(migration, stored)
  const isToldAlready = late && change?.kinds.every((kind) => kind === 'dependencies')
  return change === undefined || isToldAlready ? [] : [describeChange(migration, stored, change)]
}

function unknownChange({ id, source }: Migration): Diagnostic {
  return diagnose(source, {
    code: 'TM4001',
    span: { start: 0, end: 0 },
    message: `"${id}" has changed since it was applied`,
    help: `restore the file and put the change into a new migration; if the database already matches the file: tidemark repair ${id} --adopt`,
  })
}
