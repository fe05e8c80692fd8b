import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { initProject } from '../../init/init-project.ts'
import { presentInit } from '../../init/present-init.ts'

export default class Init extends BaseCommand {
  static override summary = 'Write a configuration and a first migration.'
  static override description =
    'Nothing is overwritten. In a Supabase project the tracking tables go into the schema `tidemark`.'
  static override examples = [
    { description: 'In the folder of a project', command: '<%= config.bin %> init' },
    {
      description: 'With the migrations in another folder',
      command: '<%= config.bin %> init --dir db/migrations',
    },
    {
      description: 'With an embedded PostgreSQL as the database',
      command: '<%= config.bin %> init --embedded',
    },
  ]
  static override flags = {
    embedded: Flags.boolean({ summary: 'Use the embedded database in the configuration.' }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Init)
    this.given(flags)
    const project = await initProject({
      folder: process.cwd(),
      embedded: flags.embedded,
      migrations: flags.dir,
      schema: flags.schema,
      hasDatabase: [
        flags['database-url'],
        process.env['TIDEMARK_DATABASE_URL'],
        process.env['DATABASE_URL'],
      ].some(Boolean),
    })
    this.finish({
      json: () => ({ written: project.written, id: null }),
      text: () => presentInit(project, flags.embedded, this.terminal),
    })
  }
}
