import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'

export default class Baseline extends OperationCommand {
  static override summary = 'Adopt an existing database: record migrations as applied up to a point.'
  static override description =
    'Records the named migrations and all they need as applied, executes nothing, and never refuses because objects exist: you say that this database already has their effect. On a new database the same files simply run.'
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
      summary: 'The last migration whose effect is there; several for several heads.',
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
