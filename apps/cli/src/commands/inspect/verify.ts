import * as Args from '@oclif/core/args'
import { CONNECT_FLAGS } from '../../command/common-flags.ts'
import { DatabaseCommand } from '../../command/database-command.ts'
import { openRunner } from '../../database/open-runner.ts'
import { presentVerify } from '../../run/present-verify.ts'
import { verifyToJson } from '../../run/verify-to-json.ts'
import { EXIT } from '../../terminal/exit-codes.ts'

export default class Verify extends DatabaseCommand {
  static override summary = 'Run `@verify` of applied migrations again, read-only.'
  static override description =
    'Runs the `@verify` that was stored when each migration was applied, in read-only transactions. It continues after one that fails. The exit code is 1 when one fails.'
  static override examples = [
    { description: 'Everything applied', command: '<%= config.bin %> verify' },
    { description: 'One migration', command: '<%= config.bin %> verify 041_backfill_totals' },
    { description: 'In a monitor', command: '<%= config.bin %> verify --json > verify.json' },
  ]
  static override args = {
    ids: Args.string({ description: 'Applied migrations; all by default.', multiple: true }),
  }
  static override flags = { ...CONNECT_FLAGS }

  async run(): Promise<void> {
    const { args, flags } = await this.parse(Verify)
    const settings = await this.databaseSettings(flags)
    const runner = await openRunner(settings, this.runtime.version)
    const ids = await this.wholeIds(settings, args.ids ?? [])
    const verified = verifyToJson(await runner.verify({ ids, signal: this.signal }))
    this.finish({
      json: () => verified,
      text: () => presentVerify(verified, this.terminal),
      exit: verified.counts.failed > 0 ? EXIT.failed : EXIT.ok,
    })
  }
}
