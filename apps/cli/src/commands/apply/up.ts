import * as Flags from '@oclif/core/flags'
import { ApplyCommand } from '../../command/apply-command.ts'
import { APPLY_FLAGS, applyOptionsOf, withChoice } from '../../command/apply-flags.ts'
import { CREATE_SCHEMA_FLAG, RUN_FLAGS } from '../../command/common-flags.ts'
import { BACKUP_FLAGS } from '../../command/operation-flags.ts'
import { readDuration } from '../../status/read-duration.ts'

export default class Up extends ApplyCommand {
  static override summary = 'Apply all pending migrations.'
  static override description =
    'Migrations run in dependency order, each in one transaction with its record. Each runs exactly once, even when several runners start together. It asks only before destructive steps on a `protected` database.'
  static override examples = [
    { description: 'Apply all pending migrations', command: '<%= config.bin %> up' },
    {
      description: 'One migration and what it needs',
      command: '<%= config.bin %> up --target 041_backfill_totals',
    },
    { description: 'Exactly a plan that was reviewed', command: '<%= config.bin %> up --plan plan.json' },
    {
      description: 'A backfill, in a maintenance window of half an hour',
      command: '<%= config.bin %> up --batches-for 30min',
    },
    {
      description: 'In a container, before the application',
      command: '<%= config.bin %> up --log-file logs/migration.log && exec node server.js',
    },
  ]
  static override flags = {
    ...APPLY_FLAGS,
    plan: Flags.string({
      summary: 'Execute exactly this saved plan.',
      helpValue: 'FILE',
      exclusive: ['target', 'steps', 'tag', 'blocking', 'rerun'],
    }),
    'any-target': Flags.boolean({
      summary: 'Allow the saved plan to run on another database.',
      dependsOn: ['plan'],
    }),
    rehearse: Flags.boolean({
      summary: 'Rehearse on a copy of the schema first; nothing is applied unless it finds nothing wrong.',
      exclusive: ['plan', 'dry-run', 'create-db'],
    }),
    'batches-for': Flags.string({
      summary: 'Stop migrations with `Batches` after this time; the exit code is 3.',
      helpValue: 'TIME',
    }),
    'keep-going': Flags.boolean({ summary: 'Continue with what does not depend on a failed migration.' }),
    'create-db': Flags.boolean({ summary: 'Create the database first if it does not exist.' }),
    'dry-run': Flags.boolean({ summary: 'Show the plan and change nothing, like `plan`.' }),
    ...CREATE_SCHEMA_FLAG,
    ...BACKUP_FLAGS,
    ...RUN_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Up)
    const settings = await this.settingsOrEmbedded(flags)
    const options = applyOptionsOf(flags)
    const batchesFor = flags['batches-for']
    const batchesForMs = batchesFor === undefined ? undefined : readDuration(batchesFor, '--batches-for')
    if (flags['dry-run']) {
      const targets = flags['any-target'] ? 'any' : 'same'
      const command = withChoice('tidemark up', flags)
      return this.showPlan(settings, options, {
        planPath: flags.plan,
        targets,
        command,
        keepGoing: flags['keep-going'],
        quiet: flags.quiet,
      })
    }
    const rehearsed = flags.rehearse ? await this.rehearseFirst(settings, options) : undefined
    if (rehearsed === 'refused') return
    await this.apply(settings, flags, {
      ...options,
      saved: flags.plan === undefined ? rehearsed : await this.readPlan(flags.plan),
      anyTarget: flags['any-target'],
      keepGoing: flags['keep-going'],
      batchesForMs,
      createDatabase: flags['create-db'],
    })
  }
}
