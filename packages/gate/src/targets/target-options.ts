import { refuseUnknownKeys, TidemarkError } from '@tidemark/core'
import * as z from 'zod'
import { type GateOptions, type GateSettings, readOptions, requireOptions } from '../options.ts'
import type { GateEvent } from '../status/gate-event.ts'
import type { GateDatabase } from '../status/query-status.ts'
import type { TargetOf } from './gate-target.ts'

/** Options of `createGate` for many targets. What they share with those of one mean the same. */
export interface TargetGateOptions<Database = GateDatabase>
  extends Pick<
    GateOptions,
    | 'migrations'
    | 'environment'
    | 'requires'
    | 'allow'
    | 'expose'
    | 'ahead'
    | 'onError'
    | 'watch'
    | 'poll'
    | 'timeoutMs'
  > {
  /** Says which target a request is for. */
  readonly target: TargetOf<Database>
  /** Of how many targets is kept what is known of them. Default 1000. */
  readonly maxTargets?: number | undefined
  /** How many targets are checked at a time. Default 16. */
  readonly maxChecks?: number | undefined
  /** Called with every event and the name of its target. */
  readonly onEvent?: ((event: GateEvent & { readonly target: string }) => void) | undefined
}

/** Options with every default filled in. */
export interface TargetGateSettings<Database> {
  readonly target: TargetOf<Database>
  readonly maxTargets: number
  readonly maxChecks: number
  readonly onEvent: TargetGateOptions['onEvent']
  readonly shared: GateSettings
}

const KEYS = [
  'target',
  'migrations',
  'environment',
  'requires',
  'allow',
  'expose',
  'ahead',
  'onError',
  'watch',
  'poll',
  'timeoutMs',
  'maxTargets',
  'maxChecks',
  'onEvent',
]

const LIMITS = z.object({
  target: z.custom<object>((value) => typeof value === 'function', 'needs a function of the request'),
  maxTargets: z.int().min(1).max(1_000_000).default(1000),
  maxChecks: z.int().min(1).max(1000).default(16),
})

/** Tells whether options are those of many targets. */
export function isOfTargets<Database, Others extends object>(
  options: Others | TargetGateOptions<Database>,
): options is TargetGateOptions<Database> {
  return typeof options === 'object' && options !== null && 'target' in options
}

/**
 * Checks options when the application starts.
 *
 * @throws TidemarkError TM7002, TM7003.
 */
export function readTargetOptions<Database>(
  options: TargetGateOptions<Database>,
): TargetGateSettings<Database> {
  requireOptions(options)
  const ofOne = ['database', 'schema'].find((key) => key in options)
  if (ofOne !== undefined) throw refuse(`"${ofOne}" is given beside "target"`, 'return it from `target`')
  refuseUnknownKeys('createGate', Object.keys(options), KEYS)
  const { target, maxTargets, maxChecks, onEvent, ...rest } = options
  const limits = LIMITS.safeParse({ target, maxTargets, maxChecks })
  if (!limits.success) {
    const [issue] = limits.error.issues
    throw refuse(`"${issue?.path.join('.')}" is not valid: ${issue?.message}`, 'see docs/gate.md')
  }
  if (onEvent !== undefined && typeof onEvent !== 'function') {
    throw refuse('"onEvent" is not valid: needs a function', 'see docs/gate.md')
  }
  const shared = readOptions({ ...rest, database: NO_DATABASE })
  return { target, maxTargets: limits.data.maxTargets, maxChecks: limits.data.maxChecks, onEvent, shared }
}

/** Every target brings its own. */
const NO_DATABASE: GateDatabase = { query: () => Promise.reject(new TypeError('a gate of targets has none')) }

function refuse(reason: string, help: string): TidemarkError {
  return new TidemarkError({ code: 'TM7003', message: `createGate: ${reason}`, help })
}
