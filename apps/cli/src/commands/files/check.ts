import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { CHECK_PARTS, CHECK_SEVERITIES } from '@tidemark/shadow'
import { checkToJson } from '../../check/check-to-json.ts'
import { checkWithReports } from '../../check/check-with-reports.ts'
import { presentCheck } from '../../check/present-check.ts'
import { watchCheck } from '../../check/watch-check.ts'
import { SHADOW_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { loadEnvironments } from '../../config/load-environments.ts'
import { describeReportSurroundings } from '../../report/report-surroundings.ts'
import { EXIT } from '../../terminal/exit-codes.ts'

const EXITS = { proven: EXIT.ok, findings: EXIT.findings, not_provable: EXIT.notChecked } as const

export default class Check extends DatabaseCommand {
  static override summary = 'Execute new migrations on a scratch database, and show what they do.'
  static override description =
    'Runs what is new in this branch on a shadow, a scratch database in this process, and shows by execution: that it runs; that its order with other branches does not matter; that it names all that it needs; what its `@down` gives back; what each statement locks, rewrites and reads; and which rules of lint that breaks. No database is connected. The exit code is 7 when something is wrong, and 6 when something could not be executed there.'
  static override examples = [
    { description: 'What is new since the default branch', command: '<%= config.bin %> check' },
    { description: 'Everything', command: '<%= config.bin %> check --all' },
    {
      description: 'One part of one migration',
      command: '<%= config.bin %> check 042_totals --only reversibility',
    },
    {
      description: 'Write missing dependencies and safe statements',
      command: '<%= config.bin %> check --fix',
    },
    {
      description: 'In GitHub Actions: findings at their lines, and a text for a comment',
      command: '<%= config.bin %> check --report github --report markdown=check.md',
    },
  ]
  static override args = {
    ids: Args.string({ description: 'Migrations; by default what is new in this branch.', multiple: true }),
  }
  static override flags = {
    all: Flags.boolean({ summary: 'Check every migration.', exclusive: ['since'] }),
    since: Flags.string({
      summary: 'Check what is new or edited since the branch left this revision of git.',
      helpValue: 'REF',
    }),
    only: Flags.string({
      summary: 'Check these parts alone; repeatable.',
      options: [...CHECK_PARTS],
      multiple: true,
    }),
    'fail-on': Flags.string({
      summary: 'Fail on findings of this weight and above.',
      options: [...CHECK_SEVERITIES],
      default: 'error',
    }),
    fix: Flags.boolean({
      summary:
        'Write missing dependencies into new files, remove needless ones, and replace statements that lock for long; else print a patch.',
    }),
    'no-cache': Flags.boolean({
      summary: 'Check again, even if nothing has changed since the last check.',
    }),
    report: Flags.string({
      summary:
        'Also write a report: html=FILE (a page to look at), junit=FILE, sarif=FILE, markdown=FILE, or `github` to annotate a pull request; repeatable.',
      helpValue: 'REPORT',
      multiple: true,
    }),
    ...SHADOW_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Check)
    const settings = await this.settings(flags)
    const progress = watchCheck(this.terminal)
    const outcome = await checkWithReports(settings, {
      ids: args.ids ?? [],
      all: flags.all,
      since: flags.since,
      parts: flags.only && CHECK_PARTS.filter((part) => flags.only?.includes(part)),
      cache: flags['no-cache'] ? 'renew' : 'use',
      fix: flags.fix ? loadEnvironments(flags) : undefined,
      failOn: CHECK_SEVERITIES.find((severity) => severity === flags['fail-on']) ?? 'error',
      onProgress: progress.show,
      signal: this.signal,
      reports: flags.report ?? [],
      surroundings: describeReportSurroundings(this.runtime.redactor),
      version: this.runtime.version,
    }).finally(progress.end)
    this.writeFindings(outcome.notes)
    this.finish({
      json: () => checkToJson(outcome),
      text: () => presentCheck(outcome, this.terminal),
      exit: EXITS[outcome.result],
    })
  }
}
