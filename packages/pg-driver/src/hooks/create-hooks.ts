import {
  HOOK_NAMES,
  HOOK_NEEDS,
  type HookCall,
  type HookCommand,
  type HookContext,
  type HookName,
  type Hooks,
  isHook,
  type RunHooks,
  suggest,
} from '@tidemark/core'
import { INSIDE_HOOK, runInsideHook, writeTargets } from './inside-hook.ts'

/** Tells hooks that are made already from those that are given by name. */
export function isRunHooks(hooks: Hooks | RunHooks): hooks is RunHooks {
  return 'run' in hooks && typeof hooks.run === 'function'
}

/**
 * Tells what is wrong with hooks, for programs in JavaScript; undefined when nothing is.
 *
 * @example describeWrongHooks({ afterUp: 'make seed' }) // '"afterUp" must be a function or a list: …'
 */
export function describeWrongHooks(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return 'needs an object'
  if ('run' in value && 'has' in value) return undefined
  for (const [name, hook] of Object.entries(value)) {
    if (!HOOK_NAMES.some((known) => known === name)) {
      const near = suggest(name, HOOK_NAMES)
      return `has no hook "${name}"${near === undefined ? `; there are ${HOOK_NAMES.join(', ')}` : `; did you mean "${near}"?`}`
    }
    if (hook !== undefined && !isHook(hook)) return `"${name}" ${HOOK_NEEDS}`
  }
  return undefined
}

/** Options of {@link createHooks}. */
export interface CreateHooksOptions {
  /** Where commands run. Default: the working directory. */
  readonly folder?: string | undefined
  /** Takes secrets out of what a hook is given. Default: nothing more than what core masks. */
  readonly redact?: (json: string) => string
}

/**
 * Makes the hooks of a runner. A command gets what a function is called with as JSON on its standard input.
 *
 * @example createHooks({ afterUp: ['node', 'scripts/notify.js'] }, { folder: '/srv/shop' })
 */
export function createHooks(
  hooks: Hooks,
  { folder = process.cwd(), redact = (json) => json }: CreateHooksOptions = {},
): RunHooks {
  return {
    has: (hook) => hooks[hook] !== undefined,
    run: (call, context) =>
      runInsideHook(call.target, async () => {
        const json = redact(JSON.stringify(call))
        const hook = hooks[call.hook]
        if (isCommand(hook)) await runAsCommand(hook, { call, json, folder, context })
        else await callFunction(hooks, JSON.parse(json), context)
      }),
  }
}

function isCommand(hook: Hooks[HookName]): hook is HookCommand {
  return Array.isArray(hook)
}

interface CommandCall {
  readonly call: HookCall
  readonly json: string
  readonly folder: string
  readonly context: HookContext
}

async function runAsCommand(
  command: HookCommand,
  { call, json, folder, context }: CommandCall,
): Promise<void> {
  const { runCommand } = await import('./run-command.ts')
  await runCommand(command, {
    input: json,
    variables: {
      TIDEMARK_HOOK: call.hook,
      TIDEMARK_RUN_ID: call.runId,
      [INSIDE_HOOK]: writeTargets(),
    },
    folder,
    ...context,
  })
}

/** Each name by itself: only so its function is known to take its call. */
async function callFunction(hooks: Hooks, call: HookCall, { signal }: HookContext): Promise<void> {
  switch (call.hook) {
    case 'beforeUp':
      return callOne(hooks.beforeUp, call, signal)
    case 'afterEach':
      return callOne(hooks.afterEach, call, signal)
    case 'afterUp':
      return callOne(hooks.afterUp, call, signal)
    case 'onError':
      return callOne(hooks.onError, call, signal)
  }
}

async function callOne<Call extends HookCall>(
  hook: HookCommand | ((call: Call, context: Pick<HookContext, 'signal'>) => unknown) | undefined,
  call: Call,
  signal: AbortSignal,
): Promise<void> {
  if (typeof hook === 'function') await hook(call, { signal })
}
