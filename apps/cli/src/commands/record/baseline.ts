import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'

export default class Baseline extends OperationCommand {
  static override summary = 'Record migrations as applied, for an existing database.'
  static override description =
    'Records these migrations and all they need as applied. Nothing is executed, and nothing is compared: check first that this database already has their effect. On a new database the same files are executed by `up`.'
  static override examples = [
    {
      description: 'A database that has everything up to 040',
      command: '<%= config.bin %> baseline --through 040_add_phone',
    },
    {
      description: 'What it would record',
      command: '<%= config.bin %> baseline --through 040_add_phone --dry-run',
    },
  ]
  static override flags = {
    through: Flags.string({
      summary: 'Record up to this migration; repeat for several heads.',
      helpValue: 'ID',
      multiple: true,
      required: true,
    }),
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Baseline)
    const settings = await this.databaseSettings(flags)
    const through = await this.wholeIds(settings, flags.through)
    await this.operate(settings, flags, {
      run: (runner, options) => runner.baseline({ through, ...options }),
      question: 'Record these as applied, without executing them?',
      what: 'a baseline',
      nothing: 'all of these are applied already',
    })
  }
}
