import * as Flags from '@oclif/core/flags'
import { APPLY_FLAGS, applyOptionsOf, withChoice } from '../../command/apply-flags.ts'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { RehearsalCommand } from '../../command/rehearsal-command.ts'

export default class Rehearse extends RehearsalCommand {
  static override summary = 'Rehearse pending migrations on a copy of the schema.'
  static override description =
    'Executes what is pending on a shadow that has the schema of the database, without its rows, and tells what will happen there: which tables are locked, rewritten, read and indexed, and how large they are; who holds them now; which queries stop working. Where the database is not as its migrations make it, that is said first. The database is only read. The exit code is 7 when something is wrong, and 6 when something could not be rehearsed.'
  static override examples = [
    { description: 'The configured database', command: '<%= config.bin %> rehearse --env production' },
    {
      description: 'Save the plan with its rehearsal, review it, execute exactly that',
      command: '<%= config.bin %> rehearse --out plan.json && <%= config.bin %> up --plan plan.json',
    },
    {
      description: 'With the queries of the application',
      command: '<%= config.bin %> rehearse --queries queries.sql --queries pg_stat_statements',
    },
  ]
  static override flags = {
    ...APPLY_FLAGS,
    queries: Flags.string({
      summary:
        'Tell which of these queries stop working: SQL, a log of Kysely, Drizzle or Prisma, or `pg_stat_statements`; repeatable.',
      helpValue: 'FILE',
      multiple: true,
    }),
    'queries-role': Flags.string({
      summary: 'Plan the queries of files as this role of the database.',
      helpValue: 'ROLE',
      dependsOn: ['queries'],
    }),
    dump: Flags.boolean({
      summary: 'Copy the schema with pg_dump, which takes ACCESS SHARE locks on its tables.',
    }),
    calibrate: Flags.boolean({
      summary:
        'Measure how fast the server is, in a temporary table of 10 MB that is rolled back, to estimate durations.',
    }),
    'fail-on': Flags.string({
      summary: 'Fail on findings of this weight and above.',
      options: ['error', 'warning', 'note'],
      default: 'error',
    }),
    out: Flags.string({
      summary: 'Also write the plan with its rehearsal to this file, for `up --plan`.',
      helpValue: 'FILE',
    }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Rehearse)
    const settings = await this.databaseSettings(flags)
    const rehearsal = await this.rehearse(settings, {
      ...(await this.withWholeIds(settings, applyOptionsOf(flags))),
      queries: flags.queries ?? [],
      queriesRole: flags['queries-role'],
      copyFrom: flags.dump ? 'dump' : 'stored_sql',
      calibrates: flags.calibrate,
      failOn: this.weightOf(flags['fail-on']),
    })
    await this.finishRehearsal(settings, rehearsal, {
      out: flags.out,
      command: withChoice('tidemark up', flags),
    })
  }
}
