import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { confirmPlan } from '../../command/confirm/confirm-plan.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { OPERATION_FLAGS } from '../../command/operation-flags.ts'
import { presentRestore } from '../../run/present-restore.ts'
import { restoreRun } from '../../run/restore-run.ts'
import { findBackedUpRun } from '../../status/list-runs.ts'

export default class Restore extends DatabaseCommand {
  static override summary = 'Restore tables that a run saved before destroying them.'
  static override description =
    'Creates missing tables and adds missing rows to existing ones, in one transaction. Each archive is checked against the SHA-256 in the history first. Nothing is overwritten: a table that has other rows or other columns is refused. The state of migrations is not changed; an audit row is written.'
  static override examples = [
    { description: 'Which runs have a backup', command: '<%= config.bin %> history --verbose' },
    {
      description: 'What the last run that destroyed something saved',
      command: '<%= config.bin %> restore last',
    },
    {
      description: 'What it would do',
      command: '<%= config.bin %> restore 36f437de-d5f7-4da0-8103-ec6d4b6afd9e --dry-run',
    },
  ]
  static override args = {
    run: Args.string({ description: 'The id of the run, the beginning of it, or `last`.', required: true }),
  }
  static override flags = {
    'any-target': Flags.boolean({ summary: 'Restore into another database than the one that was saved.' }),
    backups: Flags.string({
      summary: 'Folder of the backups, such as that of one target of a fleet. Default `.tidemark/backups`.',
      helpValue: 'DIR',
    }),
    ...OPERATION_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Restore)
    const settings = await this.databaseSettings(flags)
    const { paint } = this.terminal
    const restored = await restoreRun(settings, {
      runId: await findBackedUpRun(settings, args.run, this.signal),
      mode: flags['dry-run'] ? 'plan' : 'restore',
      anyTarget: flags['any-target'],
      backups: flags.backups,
      reason: flags.reason,
      toolVersion: this.runtime.version,
      signal: this.signal,
      approve: async (planned) => {
        if (!this.isJson) process.stdout.write(`${presentRestore(planned, paint, this.targetFlags)}\n`)
        await confirmPlan({
          terminal: this.terminal,
          yes: flags.yes === true,
          question: 'Restore?',
          what: 'a restore',
          command: `${this.commandLine()} --yes`,
        })
      },
    })
    this.finish({ json: () => restored, text: () => presentRestore(restored, paint, this.targetFlags) })
  }
}
