import { OperationCommand } from '../../command/operation-command.ts'
import { BACKUP_FLAGS, OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { BASELINE_FLAGS } from '../../command/rollback-flags.ts'
import { refuseProtected } from '../../database/check-protected.ts'

export default class Switch extends OperationCommand {
  static override summary = 'Match the database to the files of another branch.'
  static override description =
    'Rolls back applied migrations that have no file any more, and what depends on them, with the SQL that was stored. Then applies what is pending. Refused before it starts when one of them is irreversible, and on a `protected` database.'
  static override examples = [
    { description: 'After `git switch`', command: '<%= config.bin %> switch' },
    { description: 'What it would do', command: '<%= config.bin %> switch --dry-run' },
  ]
  static override flags = { ...BASELINE_FLAGS, ...BACKUP_FLAGS, ...OPERATION_FLAGS }

  async run(): Promise<void> {
    const { flags } = await this.parse(Switch)
    const settings = await this.databaseSettings(flags)
    refuseProtected(settings, 'switch')
    await this.operate(settings, flags, {
      run: (runner, options) => runner.switchToFiles(options),
      destroys: true,
      question: 'Make the database follow the files?',
      what: 'switching',
      nothing: 'the database follows the files already',
    })
  }
}
