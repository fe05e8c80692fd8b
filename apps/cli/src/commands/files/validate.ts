import * as Flags from '@oclif/core/flags'
import { BaseCommand } from '../../command/base-command.ts'
import { describeReportSurroundings } from '../../report/report-surroundings.ts'
import { presentValidation } from '../../validate/present-validation.ts'
import { validateWithReport } from '../../validate/validate-with-report.ts'
import { validationToJson } from '../../validate/validation-to-json.ts'

export default class Validate extends BaseCommand {
  static override summary = 'Check all files and the graph, without a database.'
  static override description =
    'Parses all files, resolves all dependencies, and prints every problem with its file and line. It does not connect to a database.'
  static override examples = [
    { description: 'Check the configured folder', command: '<%= config.bin %> validate' },
    {
      description: 'In CI: warnings fail too, with a report',
      command: '<%= config.bin %> validate --strict --report junit=report.xml',
    },
    {
      description: 'In GitHub Actions: every problem at its line of the pull request',
      command: '<%= config.bin %> validate --strict --report github',
    },
  ]
  static override flags = {
    strict: Flags.boolean({ summary: 'Fail on warnings too.' }),
    report: Flags.string({
      summary: 'Also write a report: junit=FILE, or `github` to annotate a pull request; repeatable.',
      helpValue: 'REPORT',
      multiple: true,
    }),
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Validate)
    const settings = await this.settings(flags)
    const validation = await validateWithReport(settings, {
      strict: flags.strict,
      reports: flags.report ?? [],
      surroundings: describeReportSurroundings(this.runtime.redactor),
    })
    this.finish({
      json: () => validationToJson(validation),
      text: () =>
        presentValidation(validation, { paint: this.terminal.paint, targetFlags: this.targetFlags }),
    })
  }
}
