import type { MigrationId } from '../migration/model/migration.ts'
import type { PlanTarget } from '../plan/plan/plan.ts'

/** The moments of a run of `up` at which a project may do something of its own. */
export const HOOK_NAMES = ['beforeUp', 'afterEach', 'afterUp', 'onError'] as const

/** One of {@link HOOK_NAMES}. */
export type HookName = (typeof HOOK_NAMES)[number]

/** What a run will do, without the SQL. */
export interface HookPlan {
  readonly digest: string
  readonly steps: readonly HookStep[]
  /** Pending ids that were left out on purpose. */
  readonly leftOut: readonly MigrationId[]
}

/** One step; `action` is what `plan` shows, such as `apply`. */
export interface HookStep {
  readonly id: MigrationId
  readonly action: string
}

/** Why a run ended early, and what it came to. */
export interface HookError {
  readonly code: string
  readonly message: string
  readonly help: string | null
  readonly failed: readonly MigrationId[]
  readonly notRun: readonly MigrationId[]
}

interface HookRun {
  readonly runId: string
  /** Without credentials. */
  readonly target: PlanTarget
}

/** What a hook is given: JSON-safe, and without credentials. Times are milliseconds. */
export type HookCall =
  | (HookRun & { readonly hook: 'beforeUp'; readonly plan: HookPlan })
  | (HookRun & { readonly hook: 'afterEach'; readonly step: HookStep; readonly durationMs: number })
  | (HookRun & {
      readonly hook: 'afterUp'
      readonly plan: HookPlan
      readonly done: readonly MigrationId[]
      readonly durationMs: number
    })
  | (HookRun & {
      readonly hook: 'onError'
      readonly plan: HookPlan
      readonly done: readonly MigrationId[]
      readonly error: HookError
    })

/** What surrounds one call. */
export interface HookContext {
  /** Aborted when the time is over, and by an interrupt: the hook ends soon then. */
  readonly signal: AbortSignal
  /** Takes a line that the hook writes. */
  readonly onOutput: (line: string) => void
}

/** Runs the hooks of a project. */
export interface RunHooks {
  has(hook: HookName): boolean
  /** Runs one that is there to its end; rejects when it fails. */
  run(call: HookCall, context: HookContext): Promise<void>
}

/** A hook as a function. The signal aborts when its time is over, and by an interrupt. */
export type HookFunction<Name extends HookName = HookName> = (
  call: Extract<HookCall, { readonly hook: Name }>,
  context: Pick<HookContext, 'signal'>,
) => unknown

/** A hook as a command: a program and its arguments, run without a shell. */
export type HookCommand = readonly string[]

/** What is done before and after runs of `up`. */
export type Hooks = { readonly [Name in HookName]?: HookFunction<Name> | HookCommand | undefined }

/** What a hook must be, in words. */
export const HOOK_NEEDS = 'must be a function, or a command as a list such as ["node", "notify.js"]'

/**
 * Tells whether a value can be a hook.
 *
 * @example isHook(['node', 'notify.js']) // true
 */
export function isHook(value: unknown): value is HookFunction | HookCommand {
  if (typeof value === 'function') return true
  const isText = (part: unknown) => typeof part === 'string'
  return Array.isArray(value) && value.length > 0 && value[0] !== '' && [...value].every(isText)
}
