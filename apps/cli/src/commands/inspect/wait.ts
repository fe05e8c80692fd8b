import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { presentWaitEnd } from '../../status/present-wait.ts'
import { readDuration } from '../../status/read-duration.ts'
import { waitToJson } from '../../status/wait-to-json.ts'
import { waitUntilCurrent } from '../../status/wait-until-current.ts'
import { watchWaiting } from '../../status/watch-waiting.ts'
import { EXIT } from '../../terminal/exit-codes.ts'

const EXITS = { current: EXIT.ok, timed_out: EXIT.pending, drifted: EXIT.changed } as const

export default class Wait extends DatabaseCommand {
  static override summary = 'Wait until everything is applied.'
  static override description =
    'For init containers, start scripts and tests. It checks repeatedly, only reads, takes no lock, and continues while the server or the database does not exist yet. Like a readiness gate, it does not wait for migrations with `Blocking: false` (use --no-blocking to wait for them), and it accepts a database that is ahead. The exit code is 3 when the time is up. It is 4, at once, when an applied file has changed in a way that refuses a run.'
  static override examples = [
    {
      description: 'In an init container: start the application once the schema is there',
      command: '<%= config.bin %> wait --timeout 5min && exec node server.js',
    },
    { description: 'Also wait for long backfills', command: '<%= config.bin %> wait --no-blocking' },
    { description: 'Without a limit', command: '<%= config.bin %> wait --timeout 0' },
  ]
  static override flags = {
    timeout: Flags.string({
      summary: 'Give up after this time; 0 waits forever.',
      helpValue: 'TIME',
      default: '10min',
    }),
    blocking: Flags.boolean({
      summary: 'Wait for what readiness gates wait for; --no-blocking waits for everything.',
      allowNo: true,
      default: true,
    }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { flags } = await this.parse(Wait)
    const settings = await this.databaseSettings(flags)
    const watch = watchWaiting(process.stderr, { ...this.terminal, quiet: flags.quiet })
    const result = await waitUntilCurrent(settings, {
      extent: flags.blocking ? 'blocking' : 'all',
      timeoutMs: readDuration(flags.timeout, '--timeout'),
      signal: this.signal,
      onObservation: watch.show,
    }).finally(watch.hide)
    const ended = waitToJson(result)
    if (result.last.kind === 'drifted') this.writeFindings(result.last.findings)
    this.finish({
      json: () => ended,
      text: () => presentWaitEnd(ended, this.terminal),
      exit: EXITS[ended.outcome],
    })
  }
}
