import { BaseCommand } from '../../command/base-command.ts'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { examine } from '../../doctor/doctor.ts'
import { doctorExitCode } from '../../doctor/doctor-check.ts'
import { doctorToJson } from '../../doctor/doctor-to-json.ts'
import { presentDoctor } from '../../doctor/present-doctor.ts'

export default class Doctor extends BaseCommand {
  static override summary = 'Diagnose connection, privileges, server, configuration.'
  static override description =
    'Checks connection and TLS, server, pooler, run lock, role and privileges, tracking tables and who may see them, files, and every setting with its source. It only reads and takes no lock. The exit code is that of the first problem, or 0.'
  static override examples = [
    { description: 'The configured database', command: '<%= config.bin %> doctor' },
    {
      description: 'Another environment, for a script',
      command: '<%= config.bin %> doctor --env production --json',
    },
  ]
  static override flags = { ...CONNECT_FLAGS }

  async run(): Promise<void> {
    const { flags } = await this.parse(Doctor)
    const settings = await this.settings(flags)
    const report = doctorToJson(await examine(settings, this.runtime.interrupts.signal))
    this.finish({
      json: () => report,
      text: () => presentDoctor(report, { ...this.terminal, targetFlags: this.targetFlags }),
      exit: doctorExitCode(report),
    })
  }
}
