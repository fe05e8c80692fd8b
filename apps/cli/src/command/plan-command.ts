import {
  type ApplyOptions,
  type Diagnostic,
  type RunResult,
  refuseUnlessSame,
  requestedOf,
  type SavedPlan,
  type SummarizePlanOptions,
  softenUnstorable,
  summarizePlan,
} from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import { planToJson } from '../plan/plan-to-json.ts'
import { presentPlan } from '../plan/present-plan.ts'
import { type PlanToShow, readPlanToShow } from '../plan/read-plan-to-show.ts'
import type { RunWatch } from '../run/watch-run.ts'
import { EXIT, type ExitCode, exitCodeOf } from '../terminal/exit-codes.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { DatabaseCommand } from './database-command.ts'
import { watchOnTerminal } from './watch-on-terminal.ts'

interface ShowPlanOptions {
  /** Where the plan is written to. */
  readonly out?: string | undefined
  /** The file of a saved plan. */
  readonly planPath?: string | undefined
  /** For which databases a saved plan may be. */
  readonly targets?: 'same' | 'any'
  /** The command that would execute it. */
  readonly command: string
  /** Whether the run would go on after a failure. */
  readonly keepGoing?: boolean | undefined
  /** Without remarks about row security. */
  readonly quiet?: boolean | undefined
}

/** The base of commands that show a plan, and of those that execute one. */
export abstract class PlanCommand extends DatabaseCommand {
  /**
   * Shows what `up` would do, writing nothing to the database: `plan`, `up --dry-run`, `migrate --dry-run`.
   * A saved plan that cannot be read, or is not what a run would do now, is refused as by `up --plan`.
   */
  protected async showPlan(
    settings: DatabaseSettings,
    options: ApplyOptions,
    { out, planPath, targets = 'same', command, keepGoing = false, quiet = false }: ShowPlanOptions,
  ): Promise<void> {
    const saved = planPath === undefined ? undefined : await this.readPlan(planPath)
    const chosen = requestedOf(saved, await this.withWholeIds(settings, options))
    const shown = await readPlanToShow(settings, chosen, this.signal, saved?.rehearsal?.catalog.scope)
    const { target, exposedSchemas, batchExtents, catalog } = shown
    const plan = keepGoing ? softenUnstorable(shown.plan) : shown.plan
    refuseUnlessSame(saved, { plan, target, targets, catalog })
    if (out !== undefined) await (await import('../plan/write-plan.ts')).writePlan(out, plan, target)
    this.writeFindings(plan.findings)
    const executing = out === undefined ? command : `tidemark up --plan ${out}`
    const planned = { plan, target, batchExtents, exposedSchemas: quiet ? [] : exposedSchemas }
    this.finishPlan(planned, this.suggested(executing))
  }

  /** Reads a saved plan, with the code for that, which most runs do not need. */
  protected async readPlan(path: string): Promise<SavedPlan> {
    return (await import('../plan/write-plan.ts')).readPlan(path)
  }

  /**
   * Ends with a plan as the result; a changed file that refuses it gives the exit code.
   *
   * @param nothing what to say instead of a plan that has no step.
   */
  protected finishPlan(
    planned: Pick<RunResult, 'plan' | 'target' | 'estimatedRows'> &
      Partial<SummarizePlanOptions & Pick<PlanToShow, 'batchExtents'>>,
    command: string,
    nothing?: string,
  ): void {
    const { plan } = planned
    const summary = summarizePlan(plan, { exposedSchemas: planned.exposedSchemas ?? [] })
    const described = planToJson(plan, summary, planned)
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
    this.runtime.output.onlyReports()
    return watchOnTerminal({
      settings,
      runtime: this.runtime,
      targetFlags: this.targetFlags,
      heading,
      json: this.isJson,
      quiet: flags.quiet === true,
      verbose: flags.verbose === true,
      onReported: (error) => this.markReported(error),
    })
  }

  /** Completes the ids among the options of a plan. */
  protected async withWholeIds<T extends ApplyOptions>(settings: DatabaseSettings, options: T): Promise<T> {
    const { target, rerun } = options
    return {
      ...options,
      target: await this.wholeFlag(settings, target),
      rerun: rerun && (await this.wholeIds(settings, rerun)),
    }
  }
}

function refusalOf(findings: readonly Diagnostic[]): ExitCode {
  const refusing = findings.find(({ severity }) => severity === 'error')
  return refusing === undefined ? EXIT.ok : exitCodeOf(refusing.code)
}
