import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { writeMergePoint } from '../../project/write-merge-point.ts'

export default class Merge extends BaseCommand {
  static override summary = 'Write a merge point: a migration without SQL that joins the heads.'
  static override description =
    'Never needed for `up`, which applies every head. It makes one head again, so that later migrations depend on both sides. Rolling it back is always possible.'
  static override examples = [
    { description: 'Join all heads', command: '<%= config.bin %> merge' },
    {
      description: 'Join two of three, under a name',
      command: '<%= config.bin %> merge orders_and_tags --heads 041_orders,041_tags',
    },
  ]
  static override args = { name: Args.string({ description: 'What it is called.', default: 'merge' }) }
  static override flags = {
    heads: Flags.string({
      summary: 'What it joins; all heads without.',
      helpValue: 'IDS',
      multiple: true,
      delimiter: ',',
    }),
    description: Flags.string({ summary: 'One line of text for the header.', helpValue: 'TEXT' }),
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
