import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { CREATE_SCHEMA_FLAG } from '../../command/common-flags.ts'
import { OperationCommand } from '../../command/operation-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'

export default class Mark extends OperationCommand {
  static override summary = 'Record a state after something was done by hand.'
  static override description =
    'Nothing is executed. It writes the state into the tracking tables, and an audit row with who and why. `completed`: it was applied by hand. `rolled_back`: it was undone by hand. `pending`: the next `up` applies it.'
  static override examples = [
    {
      description: 'After running its SQL by hand',
      command: '<%= config.bin %> mark 041_fix --as completed --reason "applied by hand, incident 12"',
    },
    {
      description: 'Two that were undone by hand',
      command: '<%= config.bin %> mark 041_fix 042_more --as rolled_back',
    },
  ]
  static override args = {
    ids: Args.string({ description: 'One or more migrations.', required: true, multiple: true }),
  }
  static override flags = {
    as: Flags.option({
      summary: 'Record this state.',
      options: ['completed', 'pending', 'rolled_back'] as const,
      required: true,
    })(),
    ...CREATE_SCHEMA_FLAG,
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Mark)
    const settings = await this.databaseSettings(flags)
    const ids = await this.wholeIds(settings, args.ids)
    await this.operate(settings, flags, {
      run: (runner, options) => runner.mark({ ids, as: flags.as, ...options }),
      question: 'Record this?',
      what: 'marking',
      nothing: 'nothing to mark',
    })
  }
}
