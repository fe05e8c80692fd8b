import { describeBranches } from '@tidemark/core'
import { BaseCommand } from '../../command/base-command.ts'
import { presentBranches } from '../../graph/present-branches.ts'
import { readProject } from '../../project/read-project.ts'

export default class Branches extends BaseCommand {
  static override summary = 'List branch heads, and what is unique to each.'
  static override description =
    'Lists the heads, their common ancestor, and the migrations of each branch. Reads only the files. Where two branches change the same object, both migrations are named: check their order before you merge.'
  static override examples = [
    { description: 'After merging a branch', command: '<%= config.bin %> branches' },
    { description: 'For a script', command: '<%= config.bin %> branches --json' },
  ]

  async run(): Promise<void> {
    const { flags } = await this.parse(Branches)
    const settings = await this.settings(flags)
    const branches = describeBranches((await readProject(settings)).graph)
    const merge = this.targetFlags === '' ? 'tidemark merge' : `tidemark merge ${this.targetFlags}`
    this.finish({
      json: () => branches,
      text: () => presentBranches(branches, { paint: this.terminal.paint, merge }),
    })
  }
}
