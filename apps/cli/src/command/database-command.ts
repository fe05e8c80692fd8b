import type { Diagnostic } from '@tidemark/core'
import { type DatabaseSettings, requireDatabase } from '../database/require-database.ts'
import { presentFindings } from '../failure/present-findings.ts'
import { completeIds } from '../project/complete-ids.ts'
import { quoteForShell } from '../text/target-flags.ts'
import { BaseCommand } from './base-command.ts'
import type { CommonFlagValues } from './common-flags.ts'

/** The base of commands that connect to a database. */
export abstract class DatabaseCommand extends BaseCommand {
  /** Loads the settings. TM7001 unless they name a database. */
  protected async databaseSettings(flags: CommonFlagValues): Promise<DatabaseSettings> {
    return requireDatabase(await this.settings(flags))
  }

  /** Gives the whole id for a number that means one, such as `007`; see `completeIds`. */
  protected async wholeId(settings: DatabaseSettings, id: string): Promise<string> {
    const [whole] = await this.wholeIds(settings, [id])
    return whole ?? id
  }

  /** Like {@link wholeId}, of several. */
  protected async wholeIds(settings: DatabaseSettings, ids: readonly string[]): Promise<readonly string[]> {
    return completeIds(settings, ids, async () => {
      const { readRecordedIds } = await import('../database/read-recorded-ids.ts')
      return readRecordedIds(settings, this.signal)
    })
  }

  /** Like {@link wholeId}, of a flag that may be absent. */
  protected async wholeFlag(settings: DatabaseSettings, id: string | undefined): Promise<string | undefined> {
    return id === undefined ? undefined : this.wholeId(settings, id)
  }

  /** Aborted by SIGINT or SIGTERM. */
  protected get signal(): AbortSignal {
    return this.runtime.interrupts.signal
  }

  /** Writes changed files, orphans and notes on stderr; with `--json` they are part of the result. */
  protected writeFindings(findings: readonly Diagnostic[]): void {
    if (this.isJson || findings.length === 0) return
    const view = { paint: this.terminal.problemPaint, targetFlags: this.targetFlags }
    process.stderr.write(`${presentFindings(findings, view)}\n\n`)
  }

  /** A command to suggest, with the target flags that were given. */
  protected suggested(command: string): string {
    return this.targetFlags === '' ? command : `${command} ${this.targetFlags}`
  }

  /** The command line as it was given, without one flag, for repeating it. */
  protected commandLine(without?: string): string {
    const given = this.argv.filter((argument) => argument !== without).flatMap(splitFlag)
    return ['tidemark', this.id ?? '', ...given].map(quoteForShell).join(' ')
  }
}

/**
 * Writes `--name=value` as suggested commands do, so that target flags are found in them and not added twice.
 */
function splitFlag(argument: string): readonly string[] {
  const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? []
  return name === undefined || value === undefined ? [argument] : [name, value]
}
