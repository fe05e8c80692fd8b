import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { OperationCommand } from '../../command/operation-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { describeNothing, judgeRepair, refuseAdoptingAll } from '../../run/judge-repair.ts'

export default class Repair extends OperationCommand {
  static override summary = 'Compare files with their records, and update these.'
  static override description =
    'Without an id it lists every difference and updates the records of what did not run: comments, `@down`, `@verify`, descriptions. A difference in SQL that ran needs the id and --adopt: review it first. Nothing is executed; an audit row is written.'
  static override examples = [
    { description: 'What differs', command: '<%= config.bin %> repair --dry-run' },
    {
      description: 'Store comments and `@down` sections as they are now',
      command: '<%= config.bin %> repair',
    },
    {
      description: 'Adopt a file whose `@up` was edited after it ran',
      command: '<%= config.bin %> repair 007_fix --adopt --reason "same effect, ticket 31"',
    },
  ]
  static override args = {
    ids: Args.string({
      description: 'Migrations to update; all harmless differences by default.',
      multiple: true,
    }),
  }
  static override flags = {
    adopt: Flags.boolean({ summary: 'Also record files whose SQL differs from what ran.' }),
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Repair)
    const settings = await this.databaseSettings(flags)
    const ids = await this.wholeIds(settings, args.ids ?? [])
    refuseAdoptingAll(ids, flags.adopt)
    await this.operate(settings, flags, {
      run: (runner, options) => runner.repair({ ids, adopt: flags.adopt, ...options }),
      question: 'Store the files as they are now?',
      what: 'a repair',
      nothing: describeNothing,
      findings: 'result',
      exit: judgeRepair,
    })
  }
}
