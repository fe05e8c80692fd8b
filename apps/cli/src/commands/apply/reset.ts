import * as Flags from '@oclif/core/flags'
import { DropCommand } from '../../command/drop-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { BASELINE_FLAGS } from '../../command/rollback-flags.ts'
import { adviseDrop } from '../../database/advise-drop.ts'
import { refuseProtected } from '../../database/check-protected.ts'

export default class Reset extends DropCommand {
  static override summary = 'Roll back everything and apply it again (development).'
  static override description =
    'Rolls back all migrations, including those whose files are gone, and then applies the files. Everything is checked first. Refused on a `protected` database. With --drop, the database is dropped and created in place of the rollback, for migrations that have no `@down`: only an embedded one, or one on this machine whose environment has `development: true`.'
  static override examples = [
    { description: 'Start again from an empty schema', command: '<%= config.bin %> reset' },
    { description: 'What it would do', command: '<%= config.bin %> reset --dry-run' },
    {
      description: 'Drop the database "shop_dev", create it, and apply all',
      command: '<%= config.bin %> reset --drop shop_dev',
    },
  ]
  static override flags = {
    drop: Flags.string({
      summary: 'Drop the database of this name and create it, in place of rolling back; asks nothing more.',
      helpValue: 'NAME',
      exclusive: ['beyond-baseline', 'backup'],
    }),
    ...BASELINE_FLAGS,
    ...BACKUP_FLAGS,
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Reset)
    const settings = await this.databaseSettings(flags)
    if (flags.drop !== undefined) return this.dropAndApply(settings, flags, flags.drop)
    refuseProtected(settings, 'reset')
    await this.operate(settings, flags, {
      run: (runner, options) =>
        runner.reset(options).catch((error: unknown) => {
          throw adviseDrop(error, settings, process.env)
        }),
      destroys: true,
      question: 'Roll back everything and apply it again? All data in these tables is lost.',
      what: 'a reset',
      nothing: 'nothing to roll back, nothing pending',
    })
  }
}
