import { openDatabase } from '../database/open-database.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { OperationCommand } from './operation-command.ts'

/** The base of a command that can drop the database; what it needs for that is loaded only then. */
export abstract class DropCommand extends OperationCommand {
  /**
   * Drops the database of a name, creates it and applies the files. All that refuses is looked at first.
   *
   * @throws {TidemarkError} TM7010, TM7013 and TM7038 where it must not be dropped; what the files and the server
   *   refuse.
   */
  protected async dropAndApply(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    name: string,
  ): Promise<void> {
    const { refuseDrop } = await import('../database/refuse-drop.ts')
    const { planAfterDrop } = await import('../run/plan-after-drop.ts')
    refuseDrop(settings, name, process.env)
    const plan = await planAfterDrop(settings)
    const say = (text: string): void => {
      if (flags.quiet !== true) process.stderr.write(`${text}\n`)
    }
    if (flags['dry-run'] === true) {
      say(`would drop the database "${name}" with everything in it, and create it again`)
      const target = (await openDatabase(settings)).describeTarget()
      return this.finishPlan({ plan, target }, this.commandLine('--dry-run'))
    }
    const { dropDatabase } = await import('../database/drop-database.ts')
    const { outcome, lostSettings } = await dropDatabase(settings)
    say(
      outcome === 'dropped'
        ? `dropped the database "${name}" and created it again`
        : `created the database "${name}"`,
    )
    if (lostSettings.length > 0)
      say(`its settings are gone (ALTER DATABASE ... SET): ${lostSettings.join(', ')}`)
    const { reason } = flags
    await this.apply(settings, flags, typeof reason === 'string' ? { reason } : {})
  }
}
