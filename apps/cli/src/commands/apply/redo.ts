import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { ACCEPT_FLAGS, BASELINE_FLAGS } from '../../command/rollback-flags.ts'

export default class Redo extends OperationCommand {
  static override summary = 'Roll back a migration and apply its file again.'
  static override description =
    'For the migration you are writing. It runs the `@down` that was stored when the migration was applied, then applies the file as it is now. Both are checked before anything runs.'
  static override examples = [
    { description: 'The latest migration', command: '<%= config.bin %> redo' },
    {
      description: 'One with what depends on it',
      command: '<%= config.bin %> redo 040_orders_index_tenant --cascade',
    },
  ]
  static override args = { id: Args.string({ description: 'An applied migration; the latest by default.' }) }
  static override flags = {
    cascade: Flags.boolean({ summary: 'Also redo what depends on it.' }),
    ...BASELINE_FLAGS,
    ...ACCEPT_FLAGS,
    ...BACKUP_FLAGS,
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Redo)
    const settings = await this.databaseSettings(flags)
    const { cascade } = flags
    const id = await this.wholeFlag(settings, args.id)
    await this.operate(settings, flags, {
      run: (runner, options) => runner.redo({ id, cascade, ...options }),
      destroys: true,
      question: 'Roll back and apply again?',
      what: 'rolling back and applying again',
      nothing: 'nothing is applied',
    })
  }
}
