import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { TidemarkError } from '@tidemark/core'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { confirmPlan } from '../../command/confirm/confirm-plan.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { importProject } from '../../import/import.ts'
import { importExitCode, importToJson } from '../../import/import-to-json.ts'
import { presentImport } from '../../import/present-import.ts'

export default class Import extends DatabaseCommand {
  static override summary = "Import another tool's files and history."
  static override description =
    'Formats: supabase, prisma, drizzle, dbmate, goose, golang-migrate, flyway, diesel, hasura, liquibase, sql-migrate, sqlx, sqitch, graphile-migrate, node-pg-migrate, sourcegraph, atlas, plain; without one it is recognized from the files. Adds a header and markers; SQL and comments are not changed. Each file depends on the one before it. Nothing is overwritten; importing again adds what is new.'
  static override examples = [
    { description: 'See what would be written', command: '<%= config.bin %> import --dry-run' },
    {
      description: 'Import the files of dbmate',
      command: '<%= config.bin %> import dbmate --from db/migrations',
    },
    {
      description: 'Record the migrations of Knex, which are code',
      command:
        "<%= config.bin %> import --record 'npx knex migrate:latest' --record-down 'npx knex migrate:down'",
    },
    {
      description: 'Also record as applied what the table of Supabase lists',
      command: '<%= config.bin %> import supabase --adopt --schema tidemark',
    },
  ]
  static override args = { format: Args.string({ description: 'The tool that wrote the files.' }) }
  static override flags = {
    from: Flags.string({
      summary: 'Read the files of the other tool from this folder (found by its name).',
      helpValue: 'FOLDER',
    }),
    out: Flags.string({
      summary: 'Write to this folder (the configured one).',
      helpValue: 'FOLDER',
    }),
    adopt: Flags.boolean({ summary: "Record as applied what the tool's table in the database lists." }),
    table: Flags.string({
      summary: 'Read this table of the tool (its usual one).',
      helpValue: 'NAME',
      dependsOn: ['adopt'],
    }),
    check: Flags.boolean({
      summary: 'Execute originals and imported files on scratch databases, compare, write nothing.',
      exclusive: ['adopt'],
    }),
    record: Flags.string({
      summary: 'Run this command of another tool on a scratch database, and write what it did.',
      helpValue: 'COMMAND',
      exclusive: ['from', 'check'],
    }),
    'record-down': Flags.string({
      summary: 'Run this command until all is rolled back, and write it as the way back.',
      helpValue: 'COMMAND',
      dependsOn: ['record'],
    }),
    history: Flags.string({
      summary: 'The recorded tool lists what it applied in this table (a known one).',
      helpValue: 'TABLE',
      dependsOn: ['record'],
    }),
    'dry-run': Flags.boolean({ summary: 'Show what would be done and write nothing.' }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Import)
    const settings = flags.adopt ? await this.databaseSettings(flags) : await this.settings(flags)
    if (flags.record !== undefined) await this.#confirmRecording(flags.record, args.format, flags.yes)
    const outcome = await importProject(settings, {
      ...flags,
      format: args.format,
      dryRun: flags['dry-run'],
      toolVersion: this.runtime.version,
      signal: this.signal,
      onOutput: (line) => void process.stderr.write(`${line}\n`),
    })
    const { paint, width } = this.terminal
    this.given({ ...flags, dir: flags.out ?? flags.dir })
    const view = {
      paint,
      width,
      targetFlags: this.targetFlags,
      verbose: flags.verbose,
      adoptCommand: `${this.commandLine()} --adopt`,
    }
    this.finish({
      json: () => importToJson(outcome),
      text: () => presentImport(outcome, view),
      exit: importExitCode(outcome),
    })
  }

  async #confirmRecording(command: string, format: string | undefined, yes: boolean): Promise<void> {
    if (format !== undefined) {
      throw new TidemarkError({
        code: 'TM7008',
        message: `a recording has no format: "${format}"`,
        help: 'leave it out: the command shows which tool it is',
      })
    }
    await confirmPlan({
      terminal: this.terminal,
      yes,
      question: `\`${command}\` will run with DATABASE_URL and PGHOST, PGPORT, … naming a scratch database.\nIf the configuration of the tool names a database by itself, it will change that one. Does it read these variables?`,
      what: `running \`${command}\``,
      command: `${this.commandLine()} --yes`,
    })
  }
}
