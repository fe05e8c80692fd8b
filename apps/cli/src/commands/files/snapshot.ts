import * as Flags from '@oclif/core/flags'
import { SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { presentSnapshot } from '../../snapshot/present-snapshot.ts'
import { writeSnapshot } from '../../snapshot/write-snapshot.ts'

export default class Snapshot extends DatabaseCommand {
  static override summary = 'Write the schema that the migrations make, as SQL.'
  static override description =
    'Applies the files to a shadow, a scratch database in this process, and writes what `pg_dump --schema-only` says of it, without the tracking tables. No database is connected. The same files give the same text on every machine; commit it, and let CI check it.'
  static override examples = [
    { description: 'Into a file', command: '<%= config.bin %> snapshot --out schema.sql' },
    {
      description: 'In CI: exit code 4 when the file is out of date',
      command: '<%= config.bin %> snapshot --out schema.sql --check',
    },
    { description: 'On stdout', command: '<%= config.bin %> snapshot' },
  ]
  static override flags = {
    out: Flags.string({
      summary: 'Write to this file (`snapshot` of the configuration; else stdout).',
      helpValue: 'FILE',
    }),
    check: Flags.boolean({ summary: 'Write nothing, and fail when the file is out of date.' }),
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Snapshot)
    const settings = await this.settings(flags)
    const { json, notes } = await writeSnapshot(settings, {
      out: flags.out,
      mode: flags.check ? 'check' : 'write',
      signal: this.signal,
    })
    this.writeFindings(notes)
    this.finish({ json: () => json, text: () => presentSnapshot(json, this.terminal.paint) })
  }
}
