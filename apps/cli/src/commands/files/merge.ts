import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { writeMergePoint } from '../../project/write-merge-point.ts'

export default class Merge extends BaseCommand {
  static override summary = 'Write a migration without SQL that joins the heads.'
  static override description =
    '`up` does not need it: it applies every head. A merge point makes one head again, so that later migrations depend on both branches. It can always be rolled back.'
  static override examples = [
    { description: 'Join all heads', command: '<%= config.bin %> merge' },
    {
      description: 'Join two of three, under a name',
      command: '<%= config.bin %> merge orders_and_tags --heads 041_orders,041_tags',
    },
  ]
  static override args = {
    name: Args.string({ description: 'The name of the merge point.', default: 'merge' }),
  }
  static override flags = {
    heads: Flags.string({
      summary: 'Join these heads, separated by commas (all).',
      helpValue: 'IDS',
      multiple: true,
      delimiter: ',',
    }),
    description: Flags.string({ summary: 'Write this line of text into the header.', helpValue: 'TEXT' }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Merge)
    const settings = await this.settings(flags)
    const { heads, description } = flags
    const written = await writeMergePoint(settings, { name: args.name, heads, description })
    this.finish({
      json: () => ({ written: [written.path], id: written.id }),
      text: () =>
        `${this.terminal.paint.green('✓')} ${written.path}  (joins ${written.dependsOn.join(', ')})`,
    })
  }
}
