import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { historyToJson } from '../../status/history-to-json.ts'
import { listAttempts } from '../../status/list-attempts.ts'
import { presentHistory } from '../../status/present-history.ts'

export default class History extends DatabaseCommand {
  static override summary = 'List attempts: when, how long, by whom, what failed.'
  static override description =
    'With an id, --slowest or --verbose it also shows statements that took 10 ms or more, waits for locks and who held them, retries, and where data was saved.'
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
  static override args = { id: Args.string({ description: 'Show only this migration.' }) }
  static override flags = {
    slowest: Flags.boolean({ summary: 'Show the slowest first (the latest first).' }),
    since: Flags.string({
      summary: 'Show attempts since a day or time (ISO 8601, UTC), or within a time such as 2h or 7d.',
      helpValue: 'TIME',
    }),
    limit: Flags.integer({ summary: 'Show at most N attempts.', helpValue: 'N', min: 1, default: 50 }),
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
