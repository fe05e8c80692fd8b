import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { presentSquash } from '../../squash/present-squash.ts'
import { squash } from '../../squash/squash.ts'

export default class Squash extends BaseCommand {
  static override summary = 'Write one file for many.'
  static override description =
    'All @up in the order in which they are applied, all @down in reverse, under a header with `Replaces`. Nothing is executed: a database that has all of them records the squash, an empty one runs it. It is ignored until the files that it replaces are deleted.'
  static override examples = [
    { description: 'Look first', command: '<%= config.bin %> squash --dry-run' },
    {
      description: 'Everything up to a release, under a name',
      command: '<%= config.bin %> squash schema_2_0 --through 120_orders_index',
    },
    {
      description: 'Once every database has them all: delete the originals as well',
      command: '<%= config.bin %> squash schema_2_0 --through 120_orders_index --delete',
    },
  ]
  static override args = { name: Args.string({ description: 'What it is called.', default: 'squash' }) }
  static override flags = {
    through: Flags.string({
      summary: 'This migration and all that it needs; everything that runs once without.',
      helpValue: 'ID',
    }),
    transaction: Flags.option({
      summary: 'Where they differ: `none` runs all outside of one transaction.',
      options: ['required', 'none'] as const,
    })(),
    delete: Flags.boolean({ summary: 'Delete the files that it replaces.' }),
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
