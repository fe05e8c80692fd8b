import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'
import {
  ACCEPT_FLAGS,
  BASELINE_FLAGS,
  ROLLBACK_FLAGS,
  rollbackRequestOf,
} from '../../command/rollback-flags.ts'

export default class Down extends OperationCommand {
  static override summary = 'Roll back the latest migration, or those you choose.'
  static override description =
    'Runs the `@down` that was stored when the migration was applied. Dependents are rolled back first. Everything is checked before the first statement. The plan is shown, and you are asked to confirm it.'
  static override examples = [
    { description: 'Roll back the latest migration', command: '<%= config.bin %> down' },
    {
      description: 'Everything after a migration, without asking',
      command: '<%= config.bin %> down --to 039_add_orders --yes',
    },
    {
      description: 'One migration with all that depends on it',
      command: '<%= config.bin %> down --target 040_orders_index_tenant --cascade',
    },
    {
      description: 'What the last `up` applied, with the reason for the history',
      command: '<%= config.bin %> down --run last --reason "checkout fails since the deploy"',
    },
  ]
  static override flags = {
    ...ROLLBACK_FLAGS,
    'from-files': Flags.boolean({ summary: 'Run the `@down` of the files instead of the stored one.' }),
    ...BASELINE_FLAGS,
    ...ACCEPT_FLAGS,
    ...BACKUP_FLAGS,
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Down)
    const settings = await this.databaseSettings(flags)
    const to = await this.wholeFlag(settings, flags.to)
    const target = await this.wholeFlag(settings, flags.target)
    const request = rollbackRequestOf({ ...flags, to, target })
    const source = flags['from-files'] ? 'files' : 'stored'
    await this.operate(settings, flags, {
      run: (runner, options) => runner.rollBack({ request, source, ...options }),
      destroys: true,
      question: 'Roll back?',
      what: 'rolling back',
      nothing: 'nothing to roll back',
    })
  }
}
