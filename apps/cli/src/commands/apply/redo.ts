import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'

export default class Redo extends OperationCommand {
  static override summary = 'Roll a migration back and apply its file again: the latest, or the one named.'
  static override description =
    'For the migration that you are writing: rolls back what was stored when it was applied and applies the file as it is now. Whether both can be done is checked before anything runs.'
  static override examples = [
    { description: 'The latest migration', command: '<%= config.bin %> redo' },
    {
      description: 'One with what depends on it',
      command: '<%= config.bin %> redo 040_orders_index_tenant --cascade',
    },
  ]
  static override args = { id: Args.string({ description: 'An applied migration.' }) }
  static override flags = {
    cascade: Flags.boolean({ summary: 'Take what depends on it along.' }),
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
