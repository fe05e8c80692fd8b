import * as Args from '@oclif/core/args'
import * as Flags from '@oclif/core/flags'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { historyToJson } from '../../status/history-to-json.ts'
import { listAttempts, readDate } from '../../status/list-attempts.ts'
import { readRuns } from '../../status/list-runs.ts'
import { presentHistory } from '../../status/present-history.ts'
import { presentRuns } from '../../status/present-runs.ts'

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
      description: 'Which runs there were, and what of them is in force',
      command: '<%= config.bin %> history --runs',
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
    runs: Flags.boolean({
      summary: 'List runs instead of attempts, with the ids that `down --run` and `restore` take.',
      exclusive: ['slowest'],
    }),
    limit: Flags.integer({
      summary: 'Show at most N attempts, or runs.',
      helpValue: 'N',
      min: 1,
      max: Number.MAX_SAFE_INTEGER,
      default: 50,
    }),
    ...CONNECT_FLAGS,
  }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(History)
    const settings = await this.databaseSettings(flags)
    const { slowest, since, limit } = flags
    const id = await this.wholeFlag(settings, args.id)
    const { paint, width } = this.terminal
    if (flags.runs) {
      const from = since === undefined ? undefined : readDate(since)
      const listed = historyToJson(await readRuns(settings, { id, since: from, limit }, this.signal))
      return this.finish({ json: () => listed, text: () => presentRuns(listed, { paint, width }) })
    }
    const history = historyToJson(await listAttempts(settings, { id, slowest, since, limit }, this.signal))
    const depth = args.id !== undefined || slowest || flags.verbose ? 'full' : 'brief'
    this.finish({ json: () => history, text: () => presentHistory(history, { paint, width, depth }) })
  }
}
