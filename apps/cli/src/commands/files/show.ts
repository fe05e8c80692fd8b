import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { findMigration } from '../../project/find-migration.ts'
import { migrationToJson } from '../../project/migration-to-json.ts'
import { presentMigration } from '../../project/present-migration.ts'
import { readProject } from '../../project/read-project.ts'

export default class Show extends BaseCommand {
  static override summary = 'Show one migration as parsed and as it will be sent.'
  static override description =
    'Passwords in the SQL are masked. With --sql it prints only the text of one section, for linters and other tools; there only passwords in URLs are masked. To execute it, read the file.'
  static override examples = [
    {
      description: 'Everything about a migration; the beginning of its id is enough',
      command: '<%= config.bin %> show 007',
    },
    {
      description: 'Feed a linter',
      command: '<%= config.bin %> show 007_add_orders --sql --phase up | squawk',
    },
  ]
  static override args = { id: Args.string({ description: 'The migration.', required: true }) }
  static override flags = {
    sql: Flags.boolean({ summary: 'Print only the SQL of one section.' }),
    phase: Flags.option({
      summary: 'Print this section with --sql.',
      options: ['up', 'down', 'verify'] as const,
      default: 'up',
    })(),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show)
    const settings = await this.settings(flags)
    const { graph } = await readProject(settings, 'included')
    const shown = migrationToJson(findMigration(graph, args.id), graph)
    this.finish({
      json: () => shown,
      text: () =>
        flags.sql ? (shown[flags.phase]?.sql ?? '') : presentMigration(shown, this.terminal.paint),
    })
  }
}
