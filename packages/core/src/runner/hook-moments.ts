import type { Diagnostic } from '../diagnostic/diagnostic.ts'
import { TidemarkError } from '../diagnostic/tidemark-error.ts'
import type { MigrationId } from '../migration/model/migration.ts'
import { describeAction } from '../plan/plan/digest-plan.ts'
import type { MigrationPlan, PlanStep, PlanTarget } from '../plan/plan/plan.ts'
import type { RunEvent } from '../ports/run-events.ts'
import type { HookCall, HookError, HookStep } from '../ports/run-hooks.ts'
import { type CallHookOptions, callHook } from './call-hook.ts'

/** What the hooks of one run need. */
export interface HookMomentsOptions extends Omit<CallHookOptions, 'onOutput'> {
  readonly runId: string
  readonly target: PlanTarget
  readonly onEvent: (event: RunEvent) => void
}

/** What a run came to. */
export interface HookTally {
  readonly done: readonly MigrationId[]
  readonly failed: readonly MigrationId[]
}

/**
 * The moments of a run at which hooks are called. `beforeUp` throws when its hook fails; a failure of the others
 * is reported and decides nothing.
 */
export interface HookMoments {
  /** Before the first step. @throws TidemarkError TM7039 when the hook fails, TM5008 after an interrupt. */
  beforeUp(plan: MigrationPlan): Promise<void>
  /** After the commit of a step. */
  afterEach(step: PlanStep, durationMs: number): Promise<void>
  /** After all steps. */
  afterUp(plan: MigrationPlan, done: readonly MigrationId[], durationMs: number): Promise<void>
  /** When the run ends early, but for an interrupt, which has no time for it. */
  onError(plan: MigrationPlan, error: unknown, tally: HookTally): Promise<void>
  /** What failed and decided nothing, as warnings. */
  readonly failures: readonly Diagnostic[]
}

const nothing = async (): Promise<void> => undefined

/** The moments of a run without hooks. */
export const NO_HOOKS: HookMoments = {
  beforeUp: nothing,
  afterEach: nothing,
  afterUp: nothing,
  onError: nothing,
  failures: [],
}

/** Makes the moments of one run. */
export function createHookMoments(options: HookMomentsOptions): HookMoments {
  const { hooks, runId, target, signal, onEvent } = options
  const failures: Diagnostic[] = []

  async function call(hookCall: HookCall): Promise<void> {
    const { hook } = hookCall
    if (!hooks.has(hook)) return
    onEvent({ kind: 'hook_started', hook })
    const onOutput = (line: string): void => onEvent({ kind: 'hook_output', hook, line })
    await callHook(hookCall, { ...options, onOutput })
  }

  async function report(hookCall: HookCall): Promise<void> {
    if (signal?.aborted === true) return
    try {
      await call(hookCall)
    } catch (error) {
      if (!(error instanceof TidemarkError)) throw error
      failures.push({ code: 'TM7039', severity: 'warning', message: error.message, help: error.help ?? '' })
      onEvent({ kind: 'hook_failed', hook: hookCall.hook, error })
    }
  }

  const run = { runId, target }
  const withPlan = ({ digest, steps, leftOut }: MigrationPlan) => ({
    ...run,
    plan: { digest, steps: steps.map(describeStep), leftOut },
  })
  return {
    failures,
    beforeUp: (plan) => call({ hook: 'beforeUp', ...withPlan(plan) }),
    afterEach: (step, durationMs) =>
      report({ hook: 'afterEach', ...run, step: describeStep(step), durationMs }),
    afterUp: (plan, done, durationMs) => report({ hook: 'afterUp', ...withPlan(plan), done, durationMs }),
    onError: (plan, failure, { done, failed }) => {
      const settled = new Set([...done, ...failed])
      const notRun = plan.steps.map(({ id }) => id).filter((id) => !settled.has(id))
      const error = { ...describeError(failure), failed, notRun }
      return report({ hook: 'onError', ...withPlan(plan), done, error })
    },
  }
}

function describeStep(step: PlanStep): HookStep {
  return { id: step.id, action: describeAction(step) }
}

function describeError(error: unknown): Pick<HookError, 'code' | 'message' | 'help'> {
  if (error instanceof TidemarkError)
    return { code: error.code, message: error.message, help: error.help ?? null }
  return { code: 'TM7099', message: error instanceof Error ? error.message : String(error), help: null }
}
