import * as Flags from '@oclif/core/flags'
import { ApplyCommand } from '../../command/apply-command.ts'
import { RUN_FLAGS } from '../../command/common-flags.ts'
import { BACKUP_FLAGS } from '../../command/operation-flags.ts'

export default class Migrate extends ApplyCommand {
  static override summary = 'Show the plan, or execute it: `up` under the names of the first version.'
  static override description = 'With neither flag the plan is shown, and on a terminal a question follows.'
  static override examples = [
    { description: 'Only show what would be done', command: '<%= config.bin %> migrate --dry-run' },
    { description: 'Do it', command: '<%= config.bin %> migrate --execute' },
    {
      description: 'Up to one migration',
      command: '<%= config.bin %> migrate --execute --target 002_create_website_tracking',
    },
  ]
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Only show the plan.', exclusive: ['execute'] }),
    execute: Flags.boolean({ summary: 'Apply what is pending, without asking.' }),
    target: Flags.string({ char: 't', summary: 'This migration and what it needs.', helpValue: 'ID' }),
    ...BACKUP_FLAGS,
    ...RUN_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Migrate)
    const settings = await this.databaseSettings(flags)
    const options = { target: flags.target }
    const target = flags.target === undefined ? '' : ` --target ${flags.target}`
    if (flags.execute) return this.apply(settings, flags, options)
    await this.showPlan(settings, options, { command: `tidemark migrate --execute${target}` })
    if (flags['dry-run'] || this.isJson || process.exitCode !== 0) return
    if (await this.mayGoOn(flags, 'Execute this plan?')) await this.apply(settings, flags, options)
  }
}
