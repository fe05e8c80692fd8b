import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { presentSquash } from '../../squash/present-squash.ts'
import { squash } from '../../squash/squash.ts'

export default class Squash extends BaseCommand {
  static override summary = 'Combine many migrations into one file.'
  static override description =
    'The new file has all @up sections in the order in which they are applied, all @down sections in reverse, and a header with `Replaces`. Nothing is executed. A database that has all of the migrations records the new one; an empty database runs it. The new file is ignored until the files that it replaces are deleted.'
  static override examples = [
    { description: 'Look first', command: '<%= config.bin %> squash --dry-run' },
    {
      description: 'Everything up to a release, under a name',
      command: '<%= config.bin %> squash schema_2_0 --through 120_orders_index',
    },
    {
      description: 'Once every database has them all: the same, and its originals are deleted',
      command: '<%= config.bin %> squash schema_2_0 --through 120_orders_index --delete',
    },
  ]
  static override args = {
    name: Args.string({ description: 'The name of the new migration.', default: 'squash' }),
  }
  static override flags = {
    through: Flags.string({
      summary: 'Combine this migration and all it needs (everything that runs once).',
      helpValue: 'ID',
    }),
    transaction: Flags.option({
      summary: 'Choose one mode where they differ; `none` runs without a transaction.',
      options: ['required', 'none'] as const,
    })(),
    delete: Flags.boolean({ summary: 'Also delete the files that the new one replaces.' }),
    'dry-run': Flags.boolean({ summary: 'Print the file and write nothing.' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Squash)
    const settings = await this.settings(flags)
    const outcome = await squash(settings, {
      name: args.name,
      through: flags.through,
      transaction: flags.transaction,
      originals: flags.delete ? 'delete' : 'keep',
      mode: flags['dry-run'] ? 'show' : 'write',
    })
    this.finish({
      json: () => outcome.json,
      text: () => presentSquash(outcome, this.terminal.paint, this.targetFlags),
    })
  }
}
