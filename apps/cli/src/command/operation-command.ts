import type { Diagnostic, MigrationPlan, PlanTarget, RunResult } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { RunnerOperation } from '../run/operate.ts'
import type { ExitCode } from '../terminal/exit-codes.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { DatabaseCommand } from './database-command.ts'

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
  /** `result`: differences are what the command is for, and stand on stdout. */
  readonly findings?: 'result' | 'problems'
  /** The exit code of an operation that did all it was to do. */
  readonly exit?: (result: RunResult) => ExitCode
}

/** The base of commands that show a plan, ask, execute exactly that, and leave an audit row. */
export abstract class OperationCommand extends DatabaseCommand {
  protected async operate(
    settings: DatabaseSettings,
    flags: CommonFlagValues,
    operation: Operation,
  ): Promise<void> {
    if (flags['dry-run'] === true) return this.#showPlan(settings, operation)
    const { operate } = await import('../run/operate.ts')
    const { confirmPlan } = await import('./confirm-plan.ts')
    const watch = await this.watch(settings, flags, { heading: this.isJson })
    const { wantsBackup } = await import('../database/open-backups.ts')
    const { reason } = flags
    const result = await operate(settings, {
      run: operation.run,
      reason: typeof reason === 'string' ? reason : undefined,
      backup: operation.destroys === true && wantsBackup(settings, flags['backup']),
      toolVersion: this.runtime.version,
      signal: this.signal,
      onEvent: watch.onEvent,
      approve: async (planned) => {
        await this.#present(planned, operation)
        await confirmPlan({
          terminal: this.terminal,
          yes: flags.yes === true,
          question: operation.question,
          what: operation.what,
          command: `${this.commandLine()} --yes`,
        })
      },
    })
    const { runToJson } = await import('../run/run-to-json.ts')
    const { presentRunEnd } = await import('../run/present-run-end.ts')
    const run = runToJson(result, watch.finished)
    const isIdle = result.plan.steps.length === 0
    if (isIdle) await this.#tell(result, operation)
    this.finish({
      json: () => run,
      text: () => presentRunEnd(run, this.terminal.paint, nothingOf(operation, result)),
      ...(operation.exit === undefined ? {} : { exit: operation.exit(result) }),
    })
  }

  async #showPlan(settings: DatabaseSettings, operation: Operation): Promise<void> {
    const { planOperation } = await import('../run/operate.ts')
    const { run } = operation
    const planned = await planOperation(settings, {
      run,
      toolVersion: this.runtime.version,
      signal: this.signal,
    })
    await this.#tell(planned, operation)
    if (planned.plan.steps.length > 0)
      return this.finishPlan(planned.plan, planned.target, this.commandLine('--dry-run'))
    const { presentHeading, targetToJson } = await import('../text/target.ts')
    const isHeaded = operation.findings === 'result' && planned.plan.findings.length > 0
    const nothing = nothingOf(operation, planned)
    const target = targetToJson(planned.target)
    const text = isHeaded ? nothing : presentHeading(target, nothing, this.terminal.paint.bold)
    await this.finishPlan(planned.plan, planned.target, '', text)
  }

  async #present(planned: RunResult, operation: Operation): Promise<void> {
    if (this.isJson) return
    await this.#tell(planned, operation)
    await this.finishPlan(planned.plan, planned.target, '')
  }

  async #tell({ plan, target }: RunResult, { findings = 'problems' }: Operation): Promise<void> {
    if (findings === 'problems') return this.tellFindings(plan.findings)
    await this.#printFindings(plan.findings, target)
  }

  async #printFindings(findings: readonly Diagnostic[], target: PlanTarget): Promise<void> {
    if (this.isJson || findings.length === 0) return
    const { presentDiagnostic } = await import('../failure/present-failure.ts')
    const { presentHeading, targetToJson } = await import('../text/target.ts')
    const { count } = await import('../text/count.ts')
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
