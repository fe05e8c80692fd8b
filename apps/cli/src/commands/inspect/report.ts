import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS, SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { makeProjectReport } from '../../project-report/make-project-report.ts'
import { REPORT_FLAGS, requestOf } from '../../project-report/report-flags.ts'
import { watchReport } from '../../project-report/watch-report.ts'
import { writePage } from '../../project-report/write-page.ts'
import { redactDocument } from '../../redact/redact-document.ts'

export default class Report extends DatabaseCommand {
  static override summary = 'Write a page to look at: graph, migrations, schema, history.'
  static override description =
    'Writes one HTML file that loads nothing from anywhere: the dependency graph, each migration with its SQL and what it does, the tables after every migration, what ran when, and how the database stands. The migrations are executed on a shadow, a scratch database in this process; the configured database is only read. Secrets are masked; rows, and who ran what, are left out.'
  static override examples = [
    { description: 'A page in the working directory', command: '<%= config.bin %> report' },
    {
      description: 'As an artefact of CI, without a database',
      command: '<%= config.bin %> report --offline --out build/migrations.html',
    },
    { description: 'The data of the page', command: '<%= config.bin %> report --json > report.json' },
  ]
  static override flags = {
    out: Flags.string({
      summary: 'Write to this file (tidemark-report.html).',
      helpValue: 'FILE',
      default: 'tidemark-report.html',
    }),
    ...REPORT_FLAGS,
    ...SHADOW_FLAGS,
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Report)
    const settings = await this.settings(flags)
    const progress = watchReport(this.terminal)
    const report = await makeProjectReport(settings, requestOf(flags), {
      toolVersion: this.runtime.version,
      redactor: this.runtime.redactor,
      onProgress: progress.show,
      signal: this.signal,
    }).finally(progress.end)
    if (!flags.json) await writePage(flags.out, redactDocument(report, this.runtime.redactor))
    this.finish({
      json: () => report,
      text: () =>
        `${flags.out}: ${report.migrations.length} migration${report.migrations.length === 1 ? '' : 's'}. Open it in a browser.`,
    })
  }
}
