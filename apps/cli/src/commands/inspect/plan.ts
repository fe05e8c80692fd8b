import * as Flags from '@oclif/core/flags'
import { APPLY_FLAGS, applyOptionsOf, withChoice } from '../../command/apply-flags.ts'
import { CONNECT_FLAGS, CREATE_SCHEMA_FLAG } from '../../command/common-flags.ts'
import { PlanCommand } from '../../command/plan-command.ts'

export default class Plan extends PlanCommand {
  static override summary = 'Show what `up` would do, and why.'
  static override description =
    'Shows the order of the steps and the reason for each, changed files, transaction modes, destructive statements, strong locks, and tables without row level security. It only reads and takes no lock.'
  static override examples = [
    { description: 'What is pending', command: '<%= config.bin %> plan' },
    {
      description: 'Save the plan, review it, execute exactly that',
      command: '<%= config.bin %> plan --out plan.json && <%= config.bin %> up --plan plan.json',
    },
  ]
  static override flags = {
    ...APPLY_FLAGS,
    out: Flags.string({ summary: 'Also write the plan to this file, for `up --plan`.', helpValue: 'FILE' }),
    ...CREATE_SCHEMA_FLAG,
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Plan)
    const settings = await this.databaseSettings(flags)
    await this.showPlan(settings, applyOptionsOf(flags), {
      out: flags.out,
      command: withChoice('tidemark up', flags),
      quiet: flags.quiet,
    })
  }
}
