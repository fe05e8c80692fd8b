import * as Flags from '@oclif/core/flags'
import { RUN_FLAGS } from './common-flags.ts'

/** Flags of commands that show a plan, ask, and leave an audit row. */
export const OPERATION_FLAGS = {
  reason: Flags.string({ summary: 'Why: written into the history.', helpValue: 'TEXT' }),
  'dry-run': Flags.boolean({ summary: 'Only show the plan.' }),
  ...RUN_FLAGS,
}

/** Flags of commands that may destroy data. */
export const BACKUP_FLAGS = {
  backup: Flags.boolean({
    summary: 'Save the tables that destructive steps touch before each, with pg_dump.',
    allowNo: true,
  }),
}
