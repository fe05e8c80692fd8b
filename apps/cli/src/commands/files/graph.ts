import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { describeGraph } from '../../graph/describe-graph.ts'
import { presentGraph } from '../../graph/present-graph.ts'
import { readProject } from '../../project/read-project.ts'

export default class Graph extends BaseCommand {
  static override summary = 'Draw the dependency graph.'
  static override description =
    'Reads only the files. The tree shows each migration below the last of its dependencies and names the others beside it.'
  static override examples = [
    { description: 'A tree in the terminal', command: '<%= config.bin %> graph' },
    { description: 'A picture', command: '<%= config.bin %> graph --format dot | dot -Tsvg > graph.svg' },
  ]
  static override flags = {
    format: Flags.option({
      summary: 'Write the graph in this format.',
      options: ['tree', 'mermaid', 'dot', 'json'] as const,
      default: 'tree',
    })(),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Graph)
    const settings = await this.settings(flags)
    const { format } = flags
    if (format === 'json') this.given({ ...flags, json: true })
    const graph = describeGraph((await readProject(settings, 'included')).graph)
    this.finish({
      json: () => graph,
      text: () => presentGraph(graph, format === 'json' ? 'tree' : format, this.terminal.paint),
    })
  }
}
