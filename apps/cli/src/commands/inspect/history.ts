import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { historyToJson } from '../../status/history-to-json.ts'
import { listAttempts } from '../../status/list-attempts.ts'
import { presentHistory } from '../../status/present-history.ts'

export default class History extends DatabaseCommand {
  static override summary = 'List attempts: when, how long, by whom, and what went wrong.'
  static override description =
    'With an id, --slowest or --verbose it also tells the statements that took 10 ms and more, waits for locks with who held them, what was tried again, and where data was saved.'
  static override examples = [
    { description: 'The latest attempts', command: '<%= config.bin %> history' },
    {
      description: 'Everything that happened to one migration',
      command: '<%= config.bin %> history 041_backfill_totals',
    },
    {
      description: 'What took longest this month',
      command: '<%= config.bin %> history --slowest --since 2026-11-01',
    },
  ]
  static override args = { id: Args.string({ description: 'One migration.' }) }
  static override flags = {
    slowest: Flags.boolean({ summary: 'The slowest first.' }),
    since: Flags.string({
      summary: 'Only attempts since a day or moment (ISO 8601, UTC), or so long ago: 2h, 7d.',
      helpValue: 'TIME',
    }),
    limit: Flags.integer({ summary: 'At most this many.', helpValue: 'N', min: 1, default: 50 }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(History)
    const settings = await this.databaseSettings(flags)
    const { slowest, since, limit } = flags
    const id = await this.wholeFlag(settings, args.id)
    const history = historyToJson(await listAttempts(settings, { id, slowest, since, limit }, this.signal))
    const depth = args.id !== undefined || slowest || flags.verbose ? 'full' : 'brief'
    const { paint, width } = this.terminal
    this.finish({ json: () => history, text: () => presentHistory(history, { paint, width, depth }) })
  }
}
