import { Flags } from '@oclif/core'
import { RUN_FLAGS } from '../common-flags.ts'
import { DatabaseCommand } from '../database-command.ts'
import { ROLLBACK_FLAGS, rollbackRequestOf } from '../rollback-flags.ts'

export default class Down extends DatabaseCommand {
  static override summary = 'Roll back: the latest migration, unless told otherwise.'
  static override description =
    'Runs the `@down` that was stored when the migration was applied, dependents before what they depend on. Everything is checked before the first statement; the plan is shown and confirmed.'
  static override examples = [
    { description: 'Roll the latest migration back', command: '<%= config.bin %> down' },
    {
      description: 'Everything after a migration, without asking',
      command: '<%= config.bin %> down --to 039_add_orders --yes',
    },
    {
      description: 'One migration with all that depends on it',
      command: '<%= config.bin %> down --target 040_orders_index_tenant --cascade',
    },
    { description: 'What the last `up` applied', command: '<%= config.bin %> down --run last' },
  ]
  static override flags = {
    ...ROLLBACK_FLAGS,
    'from-files': Flags.boolean({ summary: 'Run the `@down` of the files, not the stored one.' }),
    'dry-run': Flags.boolean({ summary: 'Only show the plan.' }),
    ...RUN_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Down)
    const settings = await this.databaseSettings(flags)
    const request = rollbackRequestOf(flags)
    const source = flags['from-files'] ? 'files' : 'stored'
    if (flags['dry-run']) return this.showRollback(settings, { request, source })
    await this.rollBack(settings, flags, { request, source })
  }
}
