import { Args, Flags } from '@oclif/core'
import { BaseCommand } from '../../command/base-command.ts'

export default class Show extends BaseCommand {
  static override summary = 'Show one migration as parsed and as it will be sent.'
  static override description = 'With --sql the text of one section alone: for linters and other tools.'
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
    sql: Flags.boolean({ summary: 'Print the SQL of one section alone.' }),
    phase: Flags.option({
      summary: 'The section for --sql.',
      options: ['up', 'down', 'verify'] as const,
      default: 'up',
    })(),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Show)
    const settings = await this.settings(flags)
    const { readProject } = await import('../../project/read-project.ts')
    const { findMigration } = await import('../../project/find-migration.ts')
    const { migrationToJson } = await import('../../project/migration-to-json.ts')
    const { presentMigration } = await import('../../project/present-migration.ts')
    const { graph } = await readProject(settings)
    const shown = migrationToJson(findMigration(graph, args.id), graph)
    this.finish({
      json: () => shown,
      text: () =>
        flags.sql ? (shown[flags.phase]?.sql ?? '') : presentMigration(shown, this.terminal.paint),
    })
  }
}
