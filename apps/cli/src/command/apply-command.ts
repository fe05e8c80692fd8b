import type { SavedPlan } from '@tidemark/core'
import { wantsBackup } from '../database/open-backups.ts'
import { type DatabaseSettings, requireDatabase } from '../database/require-database.ts'
import { applyMigrations, type UpOptions } from '../run/apply-migrations.ts'
import { presentRunEnd } from '../run/present-run-end.ts'
import { runToJson } from '../run/run-to-json.ts'
import type { RehearsalJson } from '../schema/rehearsal-schemas.ts'
import { confirm } from '../terminal/confirm.ts'
import { EXIT } from '../terminal/exit-codes.ts'
import { listFew } from '../text/few.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { confirmDestructive } from './confirm/confirm-destructive.ts'
import { offerEmbedded } from './offer-embedded.ts'
import { RehearsalCommand } from './rehearsal-command.ts'

/** The base of commands that apply what is pending. */
export abstract class ApplyCommand extends RehearsalCommand {
  /** Like `databaseSettings`; on a terminal it offers an embedded database where none is named. */
  protected async settingsOrEmbedded(flags: CommonFlagValues): Promise<DatabaseSettings> {
    const settings = await this.settings(flags)
    return requireDatabase(
      await offerEmbedded(settings, this.terminal, { yes: flags.yes === true, json: this.isJson }),
    )
  }

  /** Applies migrations, shows the run, and ends with its result. */
  protected async apply(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    options: UpOptions,
  ): Promise<void> {
    const rehearsal = await this.#showRehearsal(options.saved, flags)
    const watch = await this.watch(settings, flags)
    const result = await applyMigrations(settings, {
      ...(await this.withWholeIds(settings, options)),
      backup: wantsBackup(settings, flags['backup']),
      toolVersion: this.runtime.version,
      signal: this.signal,
      onEvent: watch.onEvent,
      redact: (text) => this.runtime.redactor.redact(text),
      onDestructive: async (count, destructive) =>
        confirmDestructive(count, {
          terminal: this.terminal,
          yes: flags.yes === true,
          show: () => this.finishPlan(destructive, ''),
          command: this.suggested('tidemark up'),
        }),
    })
    if (result.done.length > 0 && settings.snapshot !== undefined) await this.#refreshSnapshot(settings)
    const run = { ...runToJson(result, watch.finished), ...(rehearsal === undefined ? {} : { rehearsal }) }
    this.writeFindings(result.plan.findings)
    const left = result.plan.leftOut
    const nothing = left.length === 0 ? '' : `nothing to apply; not included: ${listFew(left)}`
    this.finish({
      json: () => run,
      text: () => presentRunEnd(run, this.terminal.paint, nothing),
      exit: run.paused === undefined ? EXIT.ok : EXIT.pending,
    })
  }

  /** Shows what a saved plan carries of its rehearsal, before it is executed. */
  async #showRehearsal(
    saved: SavedPlan | undefined,
    flags: CommonFlagValues,
  ): Promise<RehearsalJson | undefined> {
    if (saved?.rehearsal === undefined) return undefined
    const { readRehearsal } = await import('../rehearse/save-rehearsed.ts')
    const rehearsal = readRehearsal(saved.rehearsal)
    if (rehearsal === undefined || this.isJson || flags.quiet === true) return rehearsal
    const { presentRehearsal } = await import('../rehearse/present-rehearsal.ts')
    const { problemPaint: paint, width } = this.terminal
    const text = presentRehearsal(rehearsal, { paint, width, command: '', errors: new Map() })
    process.stderr.write(`${text}\n\n`)
    return rehearsal
  }

  /** Loaded only where a snapshot is configured. */
  async #refreshSnapshot(settings: DatabaseSettings): Promise<void> {
    const { refreshSnapshot } = await import('../snapshot/refresh-snapshot.ts')
    const refresh = await refreshSnapshot(settings, this.signal)
    if (refresh === undefined || refresh.kind === 'unchanged' || this.isJson) return
    const text =
      refresh.kind === 'failed'
        ? `${refresh.path} is not refreshed: ${refresh.error.code}: ${refresh.error.message}`
        : `${refresh.path} is refreshed`
    process.stderr.write(`${text}\n`)
  }

  /** Asks on a terminal; elsewhere, without `--yes`, the answer is no. */
  protected async mayGoOn(flags: CommonFlagValues, question: string): Promise<boolean> {
    if (flags.yes === true) return true
    return this.terminal.interactive && confirm(question, this.signal)
  }
}
