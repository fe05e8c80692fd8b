import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS, SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { driftExitCode, driftToJson } from '../../drift/drift-to-json.ts'
import { acceptDrift, findProjectDrift } from '../../drift/find-project-drift.ts'
import { presentDrift } from '../../drift/present-drift.ts'

export default class Drift extends DatabaseCommand {
  static override summary = 'Find what in the database is not as migrations make it.'
  static override description =
    'Runs what the database says is applied, from the SQL it has stored, on a shadow, and compares the two schemas. It finds columns, indexes, functions, policies, triggers, privileges and constraints that were changed by hand. The database is only read. The exit code is 4 when something differs, and 6 when some migrations could not be run on the shadow.'
  static override examples = [
    { description: 'The configured database', command: '<%= config.bin %> drift' },
    { description: 'In a nightly job', command: '<%= config.bin %> drift --env production --json' },
    {
      description: 'A difference that is meant',
      command:
        '<%= config.bin %> drift --accept "index public.users_email_idx" --reason "made by the DBA, see #42"',
    },
  ]
  static override flags = {
    accept: Flags.string({
      summary: 'Accept the difference of this object, as it is now, in tidemark.drift.json.',
      helpValue: 'OBJECT',
      dependsOn: ['reason'],
    }),
    reason: Flags.string({
      summary: 'Why it is accepted.',
      helpValue: 'TEXT',
      dependsOn: ['accept'],
    }),
    ...SHADOW_FLAGS,
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Drift)
    const settings = await this.databaseSettings(flags)
    const found = await findProjectDrift(settings, this.signal)
    const { accept: object, reason = '' } = flags
    if (object !== undefined) {
      const { file, accepted } = await acceptDrift(settings, found.report, { object, reason })
      const written = { written: [file], id: null }
      this.finish({ json: () => written, text: () => `accepted in ${file}: ${accepted.object}` })
      return
    }
    const report = driftToJson(found)
    this.finish({
      json: () => report,
      text: () => presentDrift(report, this.terminal),
      exit: driftExitCode(report),
    })
  }
}
