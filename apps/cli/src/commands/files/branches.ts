import * as Flags from '@oclif/core/flags'
import { describeBranches } from '@tidemark/core'
import { SHADOW_FLAGS } from '../../command/common-flags.ts'
import { GraphCommand } from '../../command/graph-command.ts'
import { presentBranches } from '../../graph/present-branches.ts'
import { readProject } from '../../project/read-project.ts'

export default class Branches extends GraphCommand {
  static override summary = 'List branch heads, and what is unique to each.'
  static override description =
    'Lists the heads, their common ancestor, and the migrations of each branch. Where two branches change the same object, both migrations are named. Up to eight heads are executed in both orders on a shadow, and what their order changes is shown. No database is connected.'
  static override examples = [
    { description: 'After merging a branch', command: '<%= config.bin %> branches' },
    { description: 'For a script', command: '<%= config.bin %> branches --json' },
  ]
  static override flags = {
    'no-check': Flags.boolean({ summary: 'Do not execute the branches on a shadow.' }),
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Branches)
    const settings = await this.settings(flags)
    const { graph } = await readProject(settings)
    const branches = describeBranches(graph)
    const pairs = flags['no-check'] ? [] : branches.pairs
    const orders = await this.checkBranches(settings, graph, pairs)
    const merge = this.targetFlags === '' ? 'tidemark merge' : `tidemark merge ${this.targetFlags}`
    this.finish({
      json: () => ({
        ...branches,
        pairs: branches.pairs.map((pair, place) => ({ ...pair, order: orders[place] ?? null })),
      }),
      text: () => presentBranches(branches, { paint: this.terminal.paint, merge, orders }),
    })
  }
}
