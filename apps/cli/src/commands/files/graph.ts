import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import type { Settings } from '../../config/settings.ts'
import { describeGraph } from '../../graph/describe-graph.ts'
import { presentGraph } from '../../graph/present-graph.ts'
import { readProject } from '../../project/read-project.ts'
import { redactDocument } from '../../redact/redact-document.ts'

export default class Graph extends BaseCommand {
  static override summary = 'Draw the dependency graph.'
  static override description =
    'Reads only the files. The tree shows each migration below the last of its dependencies and names the others beside it.'
  static override examples = [
    { description: 'A tree in the terminal', command: '<%= config.bin %> graph' },
    { description: 'A picture', command: '<%= config.bin %> graph --format dot | dot -Tsvg > graph.svg' },
    {
      description: 'A page to look at, of the files alone',
      command: '<%= config.bin %> graph --format html > graph.html',
    },
  ]
  static override flags = {
    format: Flags.option({
      summary: 'Write the graph in this format.',
      options: ['tree', 'mermaid', 'dot', 'json', 'html'] as const,
      default: 'tree',
    })(),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Graph)
    const settings = await this.settings(flags)
    const { format } = flags
    if (format === 'html') return this.#writePage(settings)
    if (format === 'json') this.given({ ...flags, json: true })
    const graph = describeGraph((await readProject(settings, 'included')).graph)
    this.finish({
      json: () => graph,
      text: () => presentGraph(graph, format === 'json' ? 'tree' : format, this.terminal.paint),
    })
  }

  /** The page of `report`, of the files alone. */
  async #writePage(settings: Settings): Promise<void> {
    const { FILES_ALONE, makeProjectReport } = await import('../../project-report/make-project-report.ts')
    const { renderPage } = await import('../../project-report/write-page.ts')
    const { redactor, version } = this.runtime
    const report = await makeProjectReport(settings, FILES_ALONE, {
      toolVersion: version,
      redactor,
      onProgress: () => {},
      signal: new AbortController().signal,
    })
    const page = await renderPage(redactDocument(report, redactor))
    this.finish({ json: () => report, text: () => page })
  }
}
