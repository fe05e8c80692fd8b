import { isRefused, type RollbackRequest, refusedError, type SavedPlan, savePlan } from '@tidemark/core'
import type {
  Fleet,
  FleetReadOptions,
  QueuedRollout,
  RolloutOptions,
  RolloutResult,
  RolloutState,
  TargetOutcome,
  TargetPlan,
} from '@tidemark/fleet'
import type { Settings } from '../config/settings.ts'
import { countDestructive, refuseUnaccepted } from '../database/check-protected.ts'
import { judgeFleetPlan, judgeFleetStatus, judgeRollout } from '../fleet/fleet-exit-code.ts'
import {
  fleetHistoryToJson,
  fleetPlanToJson,
  fleetStatusToJson,
  rolloutToJson,
} from '../fleet/fleet-to-json.ts'
import { openFleet } from '../fleet/open-fleet.ts'
import { historyToCsv, planToCsv, rolloutToCsv, statusToCsv } from '../fleet/present-csv.ts'
import {
  presentFailure,
  presentFleetHistory,
  presentFleetPlan,
  presentFleetStatus,
  presentRolloutEnd,
} from '../fleet/present-fleet.ts'
import { count } from '../text/count.ts'
import { BaseCommand } from './base-command.ts'
import type { CommonFlagValues } from './common-flags.ts'
import { confirmPlan } from './confirm/confirm-plan.ts'
import { watchFleet } from './watch-fleet.ts'

/** What a rollout was asked for. */
export interface FleetRollout {
  readonly choice: RolloutOptions
  readonly csv: boolean
  readonly jsonLines: boolean
  readonly flags: CommonFlagValues
}

/** The base of the command for many databases. */
export abstract class FleetCommand extends BaseCommand {
  #hasQueue = false

  protected fleetOf(settings: Settings, flags: CommonFlagValues): Fleet {
    const { redactor, version } = this.runtime
    const backup = flags['backup']
    this.#hasQueue = settings.fleet?.queue !== undefined
    return openFleet(settings, {
      toolVersion: version,
      redact: (text) => redactor.redact(text),
      learn: (url) => redactor.learnFrom(url),
      backup: typeof backup === 'boolean' ? backup : settings.backup === 'destructive',
    })
  }

  protected async showStatus(fleet: Fleet, choice: FleetReadOptions, csv: boolean): Promise<void> {
    const statuses = await fleet.status(choice)
    const status = fleetStatusToJson(statuses, await this.#queued(fleet, ['running', 'paused']))
    this.finish({
      json: () => status,
      text: () => (csv ? statusToCsv(status) : presentFleetStatus(status, this.terminal)),
      exit: judgeFleetStatus(status),
    })
  }

  protected async showPlans(
    fleet: Fleet,
    choice: FleetReadOptions & { readonly rollback?: RollbackRequest | undefined },
    csv: boolean,
  ): Promise<void> {
    const plan = fleetPlanToJson(await fleet.plan(choice), choice.rollback === undefined ? 'up' : 'down')
    this.finish({
      json: () => plan,
      text: () => (csv ? planToCsv(plan) : presentFleetPlan(plan, this.terminal)),
      exit: judgeFleetPlan(plan),
    })
  }

  protected async showHistory(
    fleet: Fleet,
    choice: FleetReadOptions,
    shown: { csv: boolean; limit: number },
  ) {
    const read = await fleet.history(choice)
    const history = fleetHistoryToJson(read, await this.#queued(fleet, undefined, shown.limit), shown.limit)
    // The table is of rollouts, and has no place for them.
    if (shown.csv) for (const one of history.failures) process.stderr.write(`${presentFailure(one)}\n`)
    this.finish({
      json: () => history,
      text: () => (shown.csv ? historyToCsv(history) : presentFleetHistory(history, this.terminal)),
      ...(history.failures.length > 0 ? { exit: 1 } : {}),
    })
  }

  /** On a protected database it asks before what destroys something, as `up` does. */
  protected async migrateAll(fleet: Fleet, settings: Settings, rollout: FleetRollout): Promise<void> {
    if (settings.protected) await this.#askDestructive(fleet, rollout)
    await this.follow(settings, rollout, (options) => fleet.up(options))
  }

  /** Shows the plans, asks, and executes exactly those. */
  protected async rollBackAll(
    fleet: Fleet,
    settings: Settings,
    rollout: FleetRollout & { readonly rollback: RollbackRequest; readonly accepted: readonly string[] },
  ): Promise<void> {
    const { choice, rollback, accepted } = rollout
    const planned = await fleet.plan({ ...choice, rollback })
    if (!this.isJson) {
      const shown = presentFleetPlan(fleetPlanToJson(planned, 'down'), this.terminal)
      process.stderr.write(`${shown}\n\n`)
    }
    const plans = new Map(planned.flatMap(savedOf))
    for (const one of planned) if (one.kind === 'planned') refuseUnaccepted(one.plan, accepted, settings)
    if (plans.size > 0) await this.#confirm(rollout, 'rolling back a fleet', 'Roll back?')
    const failed = planned.flatMap(failureOf)
    await this.follow(settings, rollout, async (options) => {
      const result = await fleet.down({ ...options, rollback, plans })
      return { ...result, outcomes: [...result.outcomes, ...failed] }
    })
  }

  async #queued(
    fleet: Fleet,
    states: readonly RolloutState[] | undefined,
    limit?: number,
  ): Promise<readonly QueuedRollout[]> {
    return this.#hasQueue ? fleet.queue.list({ states, limit }) : []
  }

  async #askDestructive(fleet: Fleet, rollout: FleetRollout): Promise<void> {
    const planned = await fleet.plan(rollout.choice)
    const numbers = planned.map((one) => (one.kind === 'planned' ? countDestructive(one.plan) : 0))
    const destructive = numbers.reduce((sum, one) => sum + one, 0)
    if (destructive === 0) return
    const what = `applying ${count(destructive, 'destructive statement')} to protected databases`
    if (!this.isJson) {
      process.stderr.write(`${presentFleetPlan(fleetPlanToJson(planned, 'up'), this.terminal)}\n\n`)
    }
    await this.#confirm(rollout, what, 'Apply?')
  }

  async #confirm({ flags }: FleetRollout, what: string, question: string): Promise<void> {
    const command = ['tidemark fleet', ...this.argv, '--yes'].join(' ')
    await confirmPlan({ terminal: this.terminal, yes: flags.yes === true, question, what, command })
  }

  /** Runs a rollout, or watches one, and shows what it comes to. */
  protected async follow(
    settings: Settings,
    { choice, csv, jsonLines, flags }: FleetRollout,
    run: (options: RolloutOptions) => Promise<RolloutResult>,
  ): Promise<void> {
    const quiet = flags.quiet === true || this.isJson || csv
    const watch = await watchFleet({ settings, runtime: this.runtime, quiet, jsonLines })
    const { signal } = this.runtime.interrupts
    const result = rolloutToJson(await run({ ...choice, signal, ...watch }))
    const exit = judgeRollout(result)
    if (jsonLines) {
      process.stdout.write(`${JSON.stringify({ event: 'ended', ...result })}\n`)
      process.exitCode = exit
      return
    }
    this.finish({
      json: () => result,
      text: () => (csv ? rolloutToCsv(result) : presentRolloutEnd(result, this.terminal)),
      exit,
    })
  }
}

/** A target whose rollback could not be planned, or is refused, fails before anything is executed there. */
function failureOf(one: TargetPlan): readonly TargetOutcome[] {
  const error =
    one.kind === 'failed' ? one.error : isRefused(one.plan) ? refusedError(one.plan.findings) : undefined
  return error === undefined ? [] : [{ kind: 'failed', name: one.name, wave: 'none', error, done: [] }]
}

/** A plan that is refused, or has no step, is not executed; the target that has it is named above. */
function savedOf(one: TargetPlan): readonly (readonly [string, SavedPlan])[] {
  if (one.kind === 'failed' || one.plan.steps.length === 0 || isRefused(one.plan)) return []
  return [[one.name, savePlan(one.plan, one.target)]]
}
