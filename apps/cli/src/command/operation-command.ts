import type { Diagnostic, MigrationPlan, PlanTarget, RunResult } from '@tidemark/core'
import { refuseUnaccepted } from '../database/check-protected.ts'
import { wantsBackup } from '../database/open-backups.ts'
import type { DatabaseSettings } from '../database/require-database.ts'
import { presentDiagnostic } from '../failure/present-failure.ts'
import { operate, planOperation, type RunnerOperation } from '../run/operate.ts'
import { presentRunEnd } from '../run/present-run-end.ts'
import { runToJson } from '../run/run-to-json.ts'
import type { ExitCode } from '../terminal/exit-codes.ts'
import { count } from '../text/count.ts'
import { presentHeading, targetToJson } from '../text/target.ts'
import { ApplyCommand } from './apply-command.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { confirmNames } from './confirm/confirm-names.ts'
import { confirmPlan } from './confirm/confirm-plan.ts'
import { completeBaselineFlag } from './rollback-flags.ts'

/** What a command does, and how it is asked about. */
export interface Operation {
  readonly run: RunnerOperation
  /** Such as `Roll back?`. */
  readonly question: string
  /** What needs the confirmation, such as `rolling back`. */
  readonly what: string
  /** It may run SQL that destroys data, so `--backup` means something. */
  readonly destroys?: boolean
  /** Said where the plan has no step, below its findings. */
  readonly nothing: string | ((plan: MigrationPlan) => string)
  /** `result`: differences are what the command is for, and are written to stdout. */
  readonly findings?: 'result' | 'problems'
  /** The exit code of an operation that did all it was to do. */
  readonly exit?: (result: RunResult) => ExitCode
}

/** The base of commands that show a plan, ask, execute exactly that, and leave an audit row. */
export abstract class OperationCommand extends ApplyCommand {
  protected async operate(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    operation: Operation,
  ): Promise<void> {
    const named = await this.#namedBeyondBaseline(settings, flags)
    if (flags['dry-run'] === true) return this.#showPlan(settings, operation, named)
    const beyondBaseline = named === 'any' ? await this.#askBeyondBaseline(settings, flags, operation) : named
    const watch = await this.watch(settings, flags, { heading: this.isJson })
    const { reason } = flags
    const accepted = await this.#namedIn(settings, flags['accept'])
    const result = await operate(settings, {
      run: operation.run,
      beyondBaseline,
      reason: typeof reason === 'string' ? reason : undefined,
      backup: operation.destroys === true && wantsBackup(settings, flags['backup']),
      toolVersion: this.runtime.version,
      signal: this.signal,
      onEvent: watch.onEvent,
      approve: async (planned) => {
        this.#present(planned, operation)
        refuseUnaccepted(planned.plan, accepted, settings)
        await confirmPlan({
          terminal: this.terminal,
          yes: flags.yes === true,
          question: operation.question,
          what: operation.what,
          command: `${this.commandLine()} --yes`,
        })
      },
    })
    const run = runToJson(result, watch.finished)
    const isIdle = result.plan.steps.length === 0
    if (isIdle) this.#writeFindings(result, operation)
    this.finish({
      json: () => run,
      text: () => presentRunEnd(run, this.terminal.paint, nothingOf(operation, result)),
      ...(operation.exit === undefined ? {} : { exit: operation.exit(result) }),
    })
  }

  protected override async init(): Promise<void> {
    this.argv = completeBaselineFlag(this.argv)
  }

  /** The migrations that may be rolled back although they were only recorded; `any` where none is named. */
  async #namedBeyondBaseline(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
  ): Promise<readonly string[] | 'any'> {
    const given = flags['beyond-baseline']
    if (!Array.isArray(given)) return []
    const ids = await this.#namedIn(settings, given)
    return ids.length > 0 ? ids : 'any'
  }

  /** Whole ids, given one by one or with commas. */
  async #namedIn(settings: DatabaseSettings, given: unknown): Promise<readonly string[]> {
    if (!Array.isArray(given)) return []
    const names = given.flatMap((value) => String(value).split(',')).filter((name) => name !== '')
    return names.length > 0 ? this.wholeIds(settings, names) : []
  }

  /** Asks for the names of what was only recorded and would be rolled back. */
  async #askBeyondBaseline(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    { run }: Operation,
  ): Promise<readonly string[]> {
    const { plan } = await planOperation(settings, {
      run,
      beyondBaseline: 'any',
      toolVersion: this.runtime.version,
      signal: this.signal,
    })
    const recorded = plan.steps.flatMap((step) =>
      step.kind === 'roll_back' && step.application?.how === 'recorded' ? [step.id] : [],
    )
    if (recorded.length > 0)
      await confirmNames(recorded, { terminal: this.terminal, yes: flags.yes === true })
    return recorded
  }

  async #showPlan(
    settings: DatabaseSettings,
    operation: Operation,
    beyondBaseline: readonly string[] | 'any',
  ): Promise<void> {
    const { run } = operation
    const planned = await planOperation(settings, {
      run,
      beyondBaseline,
      toolVersion: this.runtime.version,
      signal: this.signal,
    })
    this.#writeFindings(planned, operation)
    if (planned.plan.steps.length > 0) return this.finishPlan(planned, this.commandLine('--dry-run'))
    const isHeaded = operation.findings === 'result' && planned.plan.findings.length > 0
    const nothing = nothingOf(operation, planned)
    const target = targetToJson(planned.target)
    const text = isHeaded ? nothing : presentHeading(target, nothing, this.terminal.paint.bold)
    this.finishPlan(planned, '', text)
  }

  #present(planned: RunResult, operation: Operation): void {
    if (this.isJson) return
    this.#writeFindings(planned, operation)
    this.finishPlan(planned, '')
  }

  #writeFindings({ plan, target }: RunResult, { findings = 'problems' }: Operation): void {
    if (findings === 'problems') this.writeFindings(plan.findings)
    else this.#printFindings(plan.findings, target)
  }

  #printFindings(findings: readonly Diagnostic[], target: PlanTarget): void {
    if (this.isJson || findings.length === 0) return
    const { paint } = this.terminal
    const differences = count(findings.length, 'difference')
    const view = { paint, targetFlags: this.targetFlags }
    const blocks = [
      presentHeading(targetToJson(target), differences, paint.bold),
      ...findings.map((finding) => presentDiagnostic(finding, view)),
    ]
    process.stdout.write(`${blocks.join('\n\n')}\n\n`)
  }
}

function nothingOf({ nothing }: Operation, { plan }: RunResult): string {
  return typeof nothing === 'string' ? nothing : nothing(plan)
}
