import type { ApplyOptions, SavedPlan } from '@tidemark/core'
import type { DatabaseSettings } from '../database/require-database.ts'
import type { ProjectRehearsal, RehearsalRequest } from '../rehearse/rehearse-project.ts'
import { readState } from '../status/read-state.ts'
import { EXIT } from '../terminal/exit-codes.ts'
import { PlanCommand } from './plan-command.ts'

const EXITS = { nothing_found: EXIT.ok, findings: EXIT.findings, not_provable: EXIT.notChecked } as const

interface FinishOptions {
  /** Where the plan is written to. */
  readonly out?: string | undefined
  /** The command that would execute it; empty: none is suggested. */
  readonly command: string
}

/** The base of commands that rehearse. What they use is loaded only then: it is large. */
export abstract class RehearsalCommand extends PlanCommand {
  /** Rehearses, and shows how far it has come. */
  protected async rehearse(
    settings: DatabaseSettings,
    request: Omit<RehearsalRequest, 'onProgress' | 'signal'>,
  ): Promise<ProjectRehearsal> {
    const { rehearseProject } = await import('../rehearse/rehearse-project.ts')
    const { watchRehearsal } = await import('../rehearse/watch-rehearsal.ts')
    const progress = watchRehearsal(this.terminal)
    return rehearseProject(settings, {
      ...request,
      onProgress: progress.show,
      signal: this.signal,
    }).finally(progress.end)
  }

  /** Ends with a rehearsal as the result. */
  protected async finishRehearsal(
    settings: DatabaseSettings,
    rehearsal: ProjectRehearsal,
    { out, command }: FinishOptions,
  ): Promise<void> {
    const { rehearsalToJson } = await import('../rehearse/rehearsal-to-json.ts')
    const { presentRehearsal } = await import('../rehearse/present-rehearsal.ts')
    if (out !== undefined) await this.#write(settings, rehearsal, out)
    const json = rehearsalToJson(rehearsal, out ?? null)
    const executing = out === undefined || command === '' ? command : `tidemark up --plan ${out}`
    this.writeFindings(rehearsal.plan.findings)
    this.finish({
      json: () => json,
      text: () => {
        const { paint, width } = this.terminal
        const errors = new Map(
          rehearsal.report.findings.flatMap(({ migrationId, error }) =>
            migrationId === null || error === null ? [] : [[migrationId, error] as const],
          ),
        )
        return presentRehearsal(json, {
          paint,
          width,
          errors,
          command: executing === '' ? '' : this.suggested(executing),
        })
      },
      exit: EXITS[rehearsal.result],
    })
  }

  /**
   * Rehearses what `up` would apply, and gives the plan that carries it. Where it finds something wrong, or cannot
   * tell, the command ends with it. Where nothing is pending there is nothing to rehearse.
   */
  protected async rehearseFirst(
    settings: DatabaseSettings,
    options: ApplyOptions,
  ): Promise<SavedPlan | 'refused' | undefined> {
    const chosen = await this.withWholeIds(settings, options)
    const { plan } = await readState(settings, chosen, this.signal)
    if (plan.steps.length === 0) return undefined
    const rehearsal = await this.rehearse(settings, {
      ...chosen,
      queries: [],
      queriesRole: undefined,
      copyFrom: 'stored_sql',
      calibrates: false,
      failOn: 'error',
    })
    if (rehearsal.result === 'nothing_found') {
      const { saveRehearsed } = await import('../rehearse/save-rehearsed.ts')
      return saveRehearsed(settings, rehearsal)
    }
    await this.finishRehearsal(settings, rehearsal, { command: '' })
    return 'refused'
  }

  /** Reads a weight that the flag has checked. */
  protected weightOf(weight: string): RehearsalRequest['failOn'] {
    return weight === 'warning' || weight === 'note' ? weight : 'error'
  }

  async #write(settings: DatabaseSettings, rehearsal: ProjectRehearsal, out: string): Promise<void> {
    const { saveRehearsed } = await import('../rehearse/save-rehearsed.ts')
    const { writeSavedPlan } = await import('../plan/write-plan.ts')
    await writeSavedPlan(out, saveRehearsed(settings, rehearsal))
  }
}
