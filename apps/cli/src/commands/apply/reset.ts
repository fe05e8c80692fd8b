import { OperationCommand } from '../../command/operation-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { BASELINE_FLAGS } from '../../command/rollback-flags.ts'
import { refuseProtected } from '../../database/check-protected.ts'

export default class Reset extends OperationCommand {
  static override summary = 'Roll back everything and apply it again (development).'
  static override description =
    'Rolls back all migrations, including those whose files are gone, and then applies the files. Everything is checked first. Refused on a `protected` database.'
  static override examples = [
    { description: 'Start again from an empty schema', command: '<%= config.bin %> reset' },
    { description: 'What it would do', command: '<%= config.bin %> reset --dry-run' },
  ]
  static override flags = { ...BASELINE_FLAGS, ...BACKUP_FLAGS, ...OPERATION_FLAGS }

  async run(): Promise<void> {
    const { flags } = await this.parse(Reset)
    const settings = await this.databaseSettings(flags)
    refuseProtected(settings, 'reset')
    await this.operate(settings, flags, {
      run: (runner, options) => runner.reset(options),
      destroys: true,
      question: 'Roll back everything and apply it again? All data in these tables is lost.',
      what: 'a reset',
      nothing: 'nothing to roll back, nothing pending',
    })
  }
}
