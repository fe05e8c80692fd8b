import type { ApplyOptions, Diagnostic, MigrationPlan, PlanTarget, RunResult } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { UpOptions } from '../run/apply-migrations.ts'
import type { RunWatch } from '../run/watch-run.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../terminal/exit-codes.ts'
import { quoteForShell } from '../text/target-flags.ts'
import { BaseCommand } from './base-command.ts'
import type { CommonFlagValues } from './common-flags.ts'

/** The base of commands that meet a database. */
export abstract class DatabaseCommand extends BaseCommand {
  /** Loads the settings. TM7001 unless they name a database. */
  protected async databaseSettings(flags: CommonFlagValues): Promise<DatabaseSettings> {
    const settings = await this.settings(flags)
    const { requireDatabase } = await import('../database/require-database.ts')
    return requireDatabase(settings)
  }

  /** Gives the whole id for a number that stands for one, such as `007`; see `completeIds`. */
  protected async wholeId(settings: DatabaseSettings, id: string): Promise<string> {
    const [whole] = await this.wholeIds(settings, [id])
    return whole ?? id
  }

  /** Like {@link wholeId}, of several. */
  protected async wholeIds(settings: DatabaseSettings, ids: readonly string[]): Promise<readonly string[]> {
    const { completeIds } = await import('../project/complete-ids.ts')
    return completeIds(settings, ids)
  }

  /** Like {@link wholeId}, of a flag that may be absent. */
  protected async wholeFlag(settings: DatabaseSettings, id: string | undefined): Promise<string | undefined> {
    return id === undefined ? undefined : this.wholeId(settings, id)
  }

  /** Aborted by SIGINT or SIGTERM. */
  protected get signal(): AbortSignal {
    return this.runtime.interrupts.signal
  }

  /** Writes drift, orphans and notes on stderr; with `--json` they stand in the result. */
  protected async tellFindings(findings: readonly Diagnostic[]): Promise<void> {
    if (this.isJson || findings.length === 0) return
    const { presentFindings } = await import('../failure/present-findings.ts')
    const view = { paint: this.terminal.problemPaint, targetFlags: this.targetFlags }
    process.stderr.write(`${presentFindings(findings, view)}\n\n`)
  }

  /** A command to suggest, with the target flags that were given. */
  protected suggested(command: string): string {
    return this.targetFlags === '' ? command : `${command} ${this.targetFlags}`
  }

  /** Shows what `up` would do, writing nothing to the database: `plan`, `up --dry-run`, `migrate --dry-run`. */
  protected async showPlan(
    settings: DatabaseSettings,
    options: ApplyOptions,
    { out, command }: { readonly out?: string | undefined; readonly command: string },
  ): Promise<void> {
    const { readState } = await import('../status/read-state.ts')
    const { writePlan } = await import('../plan/write-plan.ts')
    const chosen = await this.#withWholeIds(settings, options)
    const { plan, target } = await readState(settings, chosen, this.signal)
    if (out !== undefined) await writePlan(out, plan, target)
    await this.tellFindings(plan.findings)
    const executing = out === undefined ? command : `tidemark up --plan ${out}`
    await this.finishPlan(plan, target, this.suggested(executing))
  }

  /**
   * Ends with a plan as the result; drift that refuses it gives the exit code.
   *
   * @param nothing what to say instead of a plan that has no step.
   */
  protected async finishPlan(
    plan: MigrationPlan,
    target: PlanTarget,
    command: string,
    nothing?: string,
  ): Promise<void> {
    const { describePlan } = await import('../plan/describe-plan.ts')
    const { presentPlan } = await import('../plan/present-plan.ts')
    const described = describePlan({ plan, target })
    const { paint, width } = this.terminal
    this.finish({
      json: () => described,
      text: () => nothing ?? presentPlan(described, { paint, width, command }),
      exit: refusalOf(plan.findings),
    })
  }

  /** Shows a run as it happens, and logs it. */
  protected async watch(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    { heading }: { readonly heading: boolean } = { heading: true },
  ): Promise<RunWatch> {
    const { watchOnTerminal } = await import('./watch-on-terminal.ts')
    return watchOnTerminal({
      settings,
      runtime: this.runtime,
      targetFlags: this.targetFlags,
      heading,
      json: this.isJson,
      quiet: flags.quiet === true,
      verbose: flags.verbose === true,
      onTold: (error) => this.markTold(error),
    })
  }

  /** Like {@link databaseSettings}; on a terminal it offers an embedded database where none is named. */
  protected async settingsOrEmbedded(flags: CommonFlagValues): Promise<DatabaseSettings> {
    const settings = await this.settings(flags)
    const { offerEmbedded } = await import('./offer-embedded.ts')
    const { requireDatabase } = await import('../database/require-database.ts')
    return requireDatabase(
      await offerEmbedded(settings, this.terminal, { yes: flags.yes === true, json: this.isJson }),
    )
  }

  /** Applies migrations, shows the run, and ends with what it came to. */
  protected async apply(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    options: UpOptions,
  ): Promise<void> {
    const { applyMigrations } = await import('../run/apply-migrations.ts')
    const { confirmDestructive } = await import('./confirm-destructive.ts')
    const { wantsBackup } = await import('../database/open-backups.ts')
    const watch = await this.watch(settings, flags)
    const result = await applyMigrations(settings, {
      ...(await this.#withWholeIds(settings, options)),
      backup: wantsBackup(settings, flags['backup']),
      toolVersion: this.runtime.version,
      signal: this.signal,
      onEvent: watch.onEvent,
      onDestructive: (count, plan) =>
        confirmDestructive(count, {
          terminal: this.terminal,
          yes: flags.yes === true,
          show: () => this.finishPlan(plan.plan, plan.target, ''),
          command: this.suggested('tidemark up'),
        }),
    })
    await this.finishRun(result, watch)
  }

  async #withWholeIds<T extends ApplyOptions>(settings: DatabaseSettings, options: T): Promise<T> {
    const { target, rerun } = options
    return {
      ...options,
      target: await this.wholeFlag(settings, target),
      rerun: rerun && (await this.wholeIds(settings, rerun)),
    }
  }

  /** The command line as it was given, without one flag, for repeating it. */
  protected commandLine(without?: string): string {
    const given = this.argv.filter((argument) => argument !== without).flatMap(splitFlag)
    return ['tidemark', this.id ?? '', ...given].map(quoteForShell).join(' ')
  }

  /** Asks on a terminal; elsewhere, without `--yes`, the answer is no. */
  protected async mayGoOn(flags: CommonFlagValues, question: string): Promise<boolean> {
    if (flags.yes === true) return true
    const { confirm } = await import('../terminal/confirm.ts')
    return this.terminal.interactive && confirm(question, this.signal)
  }

  /** Ends with what a run came to. */
  protected async finishRun(result: RunResult, watch: RunWatch): Promise<void> {
    const { runToJson } = await import('../run/run-to-json.ts')
    const { listFew } = await import('../text/few.ts')
    const { presentRunEnd } = await import('../run/present-run-end.ts')
    const run = runToJson(result, watch.finished)
    await this.tellFindings(result.plan.findings)
    const left = result.plan.leftOut
    const nothing = left.length === 0 ? '' : `nothing to apply; left pending on purpose: ${listFew(left)}`
    this.finish({ json: () => run, text: () => presentRunEnd(run, this.terminal.paint, nothing) })
  }
}

/** Writes `--name=value` as suggested commands do, so that target flags are found in them and not added twice. */
function splitFlag(argument: string): readonly string[] {
  const [, name, value] = /^(--[\w-]+)=(.*)$/s.exec(argument) ?? []
  return name === undefined || value === undefined ? [argument] : [name, value]
}

function refusalOf(findings: readonly Diagnostic[]): ExitCode {
  const refusing = findings.find(({ severity }) => severity === 'error')
  return refusing === undefined ? EXIT.ok : exitCodeOf(refusing.code)
}
