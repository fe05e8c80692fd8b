import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { describeBranches } from '@tidemark/core'
import { SHADOW_FLAGS } from '../../command/common-flags.ts'
import { GraphCommand } from '../../command/graph-command.ts'
import { presentMergeVerdict } from '../../graph/present-merge-verdict.ts'
import { readProject } from '../../project/read-project.ts'
import { chooseHeads, writeMergePoint } from '../../project/write-merge-point.ts'

export default class Merge extends GraphCommand {
  static override summary = 'Write a migration without SQL that joins the heads.'
  static override description =
    '`up` does not need it: it applies every head. A merge point makes one head again, so that later migrations depend on both branches. It can always be rolled back. Before it is written, the branches are executed in both orders on a shadow, and what their order changes is shown; no database is connected.'
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
    'no-check': Flags.boolean({ summary: 'Do not execute the branches on a shadow.' }),
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Merge)
    const settings = await this.settings(flags)
    const { heads, description } = flags
    const { graph } = await readProject(settings)
    const joined = chooseHeads(graph, heads)
    const pairs = describeBranches(graph).pairs.filter((pair) =>
      pair.heads.every((id) => joined.includes(id)),
    )
    const orders = await this.checkBranches(settings, graph, flags['no-check'] ? [] : pairs)
    const written = await writeMergePoint(settings, { name: args.name, heads, description })
    const { paint } = this.terminal
    this.finish({
      json: () => ({
        written: [written.path],
        id: written.id,
        orders: orders.map((order, place) => ({ ...order, heads: pairs[place]?.heads })),
      }),
      text: () =>
        [
          `${paint.green('✓')} ${written.path}  (joins ${written.dependsOn.join(', ')})`,
          ...orders.flatMap((order, place) => [
            ...(pairs.length > 1 ? [`  ${pairs[place]?.heads.join(' and ')}`] : []),
            ...presentMergeVerdict(order, paint),
          ]),
        ].join('\n'),
    })
  }
}
