import * as Flags from '@oclif/core/flags'
import { RUN_FLAGS } from './common-flags.ts'

/** Flags of commands that show a plan, ask, and leave an audit row. */
export const OPERATION_FLAGS = {
  reason: Flags.string({ summary: 'Write this reason into the history.', helpValue: 'TEXT' }),
  'dry-run': Flags.boolean({ summary: 'Show the plan and change nothing.' }),
  ...RUN_FLAGS,
}

/** Flags of commands that may destroy data. */
export const BACKUP_FLAGS = {
  backup: Flags.boolean({
    summary: 'Save tables before a step destroys them (as configured).',
    allowNo: true,
  }),
}
