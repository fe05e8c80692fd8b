import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { MIGRATION_TYPES } from '@tidemark/core'
import { BaseCommand } from '../../command/base-command.ts'
import { readBatches } from '../../project/read-batches.ts'
import { writeMigration } from '../../project/write-migration.ts'

export default class New extends BaseCommand {
  static override summary = 'Write a new migration with the next number.'
  static override description = 'The migration depends on the current heads unless you give --depends-on.'
  static override examples = [
    { description: 'A table', command: '<%= config.bin %> new create_orders --type create_table' },
    {
      description: 'Depending on chosen migrations',
      command: '<%= config.bin %> new add_phone --type alter_table --depends-on 001_users,004_settings',
    },
    {
      description: 'A backfill in batches',
      command: '<%= config.bin %> new fill_order_totals --batches orders.id',
    },
    {
      description: 'Data for development alone',
      command: '<%= config.bin %> new seed_users --type insert_data --environments development,test',
    },
  ]
  static override args = {
    name: Args.string({ description: 'What the migration does, in words.', required: true }),
  }
  static override flags = {
    type: Flags.option({
      summary: 'Write this type into the header, and SQL to start from (custom_sql).',
      options: MIGRATION_TYPES,
    })(),
    description: Flags.string({
      summary: 'Write this line of text into the header (the name in words).',
      helpValue: 'TEXT',
    }),
    'depends-on': Flags.string({
      summary: 'Depend on these migrations, separated by commas (the heads).',
      helpValue: 'IDS',
      multiple: true,
      delimiter: ',',
    }),
    batches: Flags.string({
      summary: 'Write a backfill that walks this table in batches, by this column.',
      helpValue: 'TABLE.COLUMN',
    }),
    environments: Flags.string({
      summary: 'Write a file for these environments alone, separated by commas (all).',
      helpValue: 'NAMES',
      multiple: true,
      delimiter: ',',
    }),
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(New)
    const settings = await this.settings(flags)
    const { name } = args
    const { description } = flags
    const batches = flags.batches === undefined ? undefined : readBatches(flags.batches)
    const written = await writeMigration(settings, {
      name,
      type: flags.type ?? (batches === undefined ? 'custom_sql' : 'update_data'),
      description,
      batches,
      dependsOn: flags['depends-on'],
      environments: flags.environments,
    })
    const after =
      written.dependsOn.length === 0 ? 'depends on nothing' : `depends on ${written.dependsOn.join(', ')}`
    this.finish({
      json: () => ({ written: [written.path], id: written.id }),
      text: () => `${this.terminal.paint.green('✓')} ${written.path}  (${after})`,
    })
  }
}
