import { refuseUnknownKeys, TidemarkError } from '@tidemark/core'
import * as z from 'zod'
import type { AllowRule } from './http/allow.ts'
import type { MigrationSource } from './manifest/load-manifest.ts'
import type { GateEvent } from './status/gate-event.ts'
import type { GateDatabase } from './status/query-status.ts'

/** Options of `createGate`. */
export interface GateOptions {
  /** The application's own pool, or anything else with `query(text, values)`. */
  readonly database: GateDatabase
  /** A folder, a manifest's file (`.json`), a manifest, or a reader. */
  readonly migrations: MigrationSource
  /** The schema of the tracking tables. Default `public`; with `searchPath`, the first schema of it. */
  readonly schema?: string | undefined
  /** The environment whose files with `Environments` are required. Default: the manifest's, or none. */
  readonly environment?: string | undefined
  /** Ids to wait for. Default: every blocking migration. */
  readonly requires?: readonly string[] | undefined
  /** Requests that pass while the gate is closed: exact paths or a predicate. Default none. */
  readonly allow?: AllowRule | undefined
  /** What the 503 may show. Default `count`. */
  readonly expose?: 'count' | 'ids' | undefined
  /** Whether a database that is ahead of these files counts as current. Default `accept`. */
  readonly ahead?: 'accept' | 'refuse' | undefined
  /** Once open, what a failing check does. Default `open`: nothing. */
  readonly onError?: 'open' | 'close' | undefined
  /** Whether to go on checking once open, so that a rollback closes the gate. Default false. */
  readonly watch?: boolean | undefined
  /**
   * Time between checks while closed, in milliseconds. Default 500, growing to 5000; `maxMs` is the pace of
   * `watch`.
   */
  readonly poll?: { readonly minMs?: number | undefined; readonly maxMs?: number | undefined } | undefined
  /** After how many milliseconds a check counts as failed. Default 10000. */
  readonly timeoutMs?: number | undefined
  /** Called with every event, in order. */
  readonly onEvent?: ((event: GateEvent) => void) | undefined
  /**
   * Where the gate says once why it is still closed after 10 s. Default: the framework's log where the
   * adapter knows it, else `console`. `false`: nowhere.
   */
  readonly log?: GateLog | false | undefined
  /** Wakes the gate when it may be time to check. `@tidemark/gate/pg` gives one over LISTEN. */
  readonly listener?: GateListener | undefined
}

/** Where a gate writes a warning: `console`, a pino, the log of Fastify, the `Logger` of NestJS. */
export interface GateLog {
  warn(message: string): unknown
}

/** Something that knows sooner than a timer. Its notifications only trigger a re-check. */
export interface GateListener {
  /** Starts to call `wake`; called again while it runs, it does nothing. */
  start(wake: () => void): void
  /** Ends, and frees every resource. */
  stop(): Promise<void>
}

const isFunction = (value: unknown) => typeof value === 'function'
const hasFunctions = (value: unknown, names: readonly string[]) =>
  typeof value === 'object' &&
  value !== null &&
  names.every((name) => typeof Reflect.get(value, name) === 'function')
const isPath = (value: unknown) => typeof value === 'string' && /^\/[^?#*]*$/.test(value)
const milliseconds = z.number().positive().max(86_400_000)

/** In the order of the documentation; a misspelt option is compared with these keys. */
const SHAPE = {
  database: z.custom<GateDatabase>(
    (value) => hasFunctions(value, ['query']),
    'needs query(text, values); for a URL use createGate of @tidemark/gate/pg',
  ),
  migrations: z.custom<MigrationSource>(
    (value) =>
      typeof value === 'string'
        ? value !== ''
        : typeof value === 'object' && value !== null && !(value instanceof URL),
    'needs a folder, a manifest or a reader; for a file URL use fileURLToPath(url)',
  ),
  schema: z.string().min(1).max(63).default('public'),
  environment: z.string().min(1).optional(),
  requires: z.array(z.string()).min(1).readonly().optional(),
  allow: z
    .custom<AllowRule>(
      (value) => isFunction(value) || (Array.isArray(value) && value.every(isPath)),
      'needs a list of paths that start with "/", without "*", "?" and "#", or a function',
    )
    .default([]),
  expose: z.enum(['count', 'ids']).default('count'),
  ahead: z.enum(['accept', 'refuse']).default('accept'),
  onError: z.enum(['open', 'close']).default('open'),
  watch: z.boolean().default(false),
  poll: z
    .strictObject({ minMs: milliseconds.default(500), maxMs: milliseconds.default(5000) })
    .refine(({ minMs, maxMs }) => minMs <= maxMs, 'needs minMs ≤ maxMs')
    .prefault({}),
  timeoutMs: milliseconds.default(10_000),
  onEvent: z.custom<(event: GateEvent) => void>(isFunction, 'needs a function').optional(),
  log: z
    .custom<GateLog | false>(
      (value) => value === false || hasFunctions(value, ['warn']),
      'needs warn(message), or false',
    )
    .optional(),
  listener: z
    .custom<GateListener>((value) => hasFunctions(value, ['start', 'stop']), 'needs start(wake) and stop()')
    .optional(),
}
const OptionsSchema = z.object(SHAPE)

/** Every key of {@link GateOptions}. */
export const GATE_OPTION_KEYS: readonly string[] = Object.keys(SHAPE)

/** Options with every default filled in. */
export type GateSettings = z.infer<typeof OptionsSchema>

/**
 * Checks options when the application starts.
 *
 * @throws TidemarkError TM7002 for an unknown key, naming the near miss; TM7003 for a value that no key
 *   takes.
 */
export function readOptions(options: GateOptions): GateSettings {
  requireOptions(options)
  refuseUnknownKeys('createGate', Object.keys(options), GATE_OPTION_KEYS)
  const parsed = OptionsSchema.safeParse(options)
  if (parsed.success) return parsed.data
  const issue = parsed.error.issues[0]
  throw new TidemarkError({
    code: 'TM7003',
    message: `createGate: "${issue?.path.join('.')}" is not valid: ${issue?.message}`,
    help: 'see docs/gate.md for what each option takes',
  })
}

/** Refuses a call without options. TM7003. */
export function requireOptions(options: object): void {
  const given: unknown = options
  if (typeof given === 'object' && given !== null) return
  throw new TidemarkError({
    code: 'TM7003',
    message: 'createGate: options are missing',
    help: "createGate({ database: pool, migrations: 'migrations' })",
  })
}
