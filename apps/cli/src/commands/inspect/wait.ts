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
  static override summary = 'Block until everything is applied.'
  static override description =
    'For init containers, start scripts and tests: looks again and again, reads only, takes no lock, and goes on when the server or the database is not there yet. Judges like a readiness gate: migrations with `Blocking: false` are not waited for, unless --no-blocking, and a database that is ahead is current. The exit code is 3 when the time is up, and 4, at once, when applied files have changed in a way that refuses a run.'
  static override examples = [
    {
      description: 'In an init container: start the application once the schema is there',
      command: '<%= config.bin %> wait --timeout 5min && exec node server.js',
    },
    { description: 'For long backfills as well', command: '<%= config.bin %> wait --no-blocking' },
    { description: 'Without a limit', command: '<%= config.bin %> wait --timeout 0' },
  ]
  static override flags = {
    timeout: Flags.string({
      summary: 'How long to wait at most; 0 is for ever.',
      helpValue: 'TIME',
      default: '10min',
    }),
    blocking: Flags.boolean({
      summary: 'Wait for what readiness gates wait for; --no-blocking: for everything.',
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
