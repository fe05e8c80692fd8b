import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS, SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { REPORT_FLAGS, requestOf } from '../../project-report/report-flags.ts'
import { redactDocument } from '../../redact/redact-document.ts'
import { runStudio } from '../../studio/run-studio.ts'

export default class Studio extends DatabaseCommand {
  static override summary = 'Look at graph, migrations, schema and history in a browser, always current.'
  static override description =
    'Serves the page of `report` on 127.0.0.1 and keeps it current while files and database change. It only shows: nothing can be changed there. Only the browser that opens the printed address first is answered. Ctrl-C ends it.'
  static override examples = [
    { description: 'Open the address that it prints', command: '<%= config.bin %> studio' },
    { description: 'Files alone', command: '<%= config.bin %> studio --offline' },
  ]
  static override flags = {
    port: Flags.integer({
      summary: 'Listen on this port (4983, or any that is free).',
      helpValue: 'N',
      min: 1,
      max: 65_535,
    }),
    offline: REPORT_FLAGS.offline,
    'no-shadow': Flags.boolean({ summary: 'Execute nothing: without schema, locks and rewrites.' }),
    drift: REPORT_FLAGS.drift,
    rehearse: REPORT_FLAGS.rehearse,
    'include-details': REPORT_FLAGS['include-details'],
    ...SHADOW_FLAGS,
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Studio)
    const settings = await this.settings(flags)
    const { redactor, version } = this.runtime
    await runStudio(settings, {
      request: { ...requestOf({ ...flags, check: false, fleet: false }), locks: 'read' },
      port: flags.port,
      toolVersion: version,
      redact: (document) => redactDocument(document, redactor),
      onReady: (url) =>
        this.finish({
          json: () => ({ url }),
          text: () => `${url}\nCtrl-C ends it. It only shows: nothing can be changed there.`,
        }),
      signal: this.signal,
    })
  }
}
