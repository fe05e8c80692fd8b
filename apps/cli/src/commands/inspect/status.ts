import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { presentStatus } from '../../status/present-status.ts'
import { readState } from '../../status/read-state.ts'
import { judgeStatus } from '../../status/status-exit-code.ts'
import { statusToJson } from '../../status/status-to-json.ts'

export default class Status extends DatabaseCommand {
  static override summary = 'Show the state of each migration.'
  static override description =
    'One line per migration: applied, pending, failed (pending), partly rolled back, changed, orphaned. If a run is in progress, it shows who holds the run lock, since when, and the last statement. It only reads and takes no lock. The exit code is 3 when something is pending, and 4 when an applied file has changed in a way that refuses a run, or with `--drift` when the schema has changed since the last run.'
  static override examples = [
    { description: 'The state of the configured database', command: '<%= config.bin %> status' },
    {
      description: 'In a script: 0 only when everything is applied',
      command: '<%= config.bin %> status --json > status.json',
    },
    {
      description: 'Another environment of the configuration',
      command: '<%= config.bin %> status --env production',
    },
  ]
  static override flags = {
    strict: Flags.boolean({ summary: 'Exit with 4 on every changed file, including those that only warn.' }),
    blocking: Flags.boolean({
      summary: 'Ignore pending migrations with `Blocking: false` in the exit code.',
    }),
    drift: Flags.boolean({
      summary: 'Also tell whether the schema has changed since the last run (needs `trackDrift`).',
    }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Status)
    const settings = await this.databaseSettings(flags)
    const state = await readState(settings, {}, this.signal, 'left to the end')
    const drift = flags.drift
      ? await (await import('../../status/read-drift-finding.ts')).readDriftFinding(settings, this.signal)
      : undefined
    const status = statusToJson(state, drift)
    this.writeFindings([...state.plan.findings, ...(drift ?? [])])
    this.finish({
      json: () => status,
      text: () => presentStatus(status, this.terminal),
      exit: judgeStatus(status, flags),
    })
  }
}
