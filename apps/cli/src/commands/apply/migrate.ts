import * as Flags from '@oclif/core/flags'
import { ApplyCommand } from '../../command/apply-command.ts'
import { CREATE_SCHEMA_FLAG, RUN_FLAGS } from '../../command/common-flags.ts'
import { BACKUP_FLAGS } from '../../command/operation-flags.ts'

export default class Migrate extends ApplyCommand {
  static override summary = 'Alias of `up`, for scripts written for version 1.'
  static override description =
    'Without --dry-run and --execute it shows the plan; on a terminal it then asks whether to execute it.'
  static override examples = [
    { description: 'Show what would be done', command: '<%= config.bin %> migrate --dry-run' },
    { description: 'Do it', command: '<%= config.bin %> migrate --execute' },
    {
      description: 'Up to one migration',
      command: '<%= config.bin %> migrate --execute --target 002_create_website_tracking',
    },
  ]
  static override flags = {
    'dry-run': Flags.boolean({ summary: 'Show the plan and change nothing.', exclusive: ['execute'] }),
    execute: Flags.boolean({ summary: 'Apply everything pending without asking.' }),
    target: Flags.string({
      char: 't',
      summary: 'Apply only this migration and what it needs.',
      helpValue: 'ID',
    }),
    ...CREATE_SCHEMA_FLAG,
    ...BACKUP_FLAGS,
    ...RUN_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Migrate)
    const settings = await this.databaseSettings(flags)
    const options = { target: flags.target }
    const target = flags.target === undefined ? '' : ` --target ${flags.target}`
    if (flags.execute) return this.apply(settings, flags, options)
    await this.showPlan(settings, options, {
      command: `tidemark migrate --execute${target}`,
      quiet: flags.quiet,
    })
    if (flags['dry-run'] || this.isJson || process.exitCode !== 0) return
    if (await this.mayGoOn(flags, 'Execute this plan?')) await this.apply(settings, flags, options)
  }
}
