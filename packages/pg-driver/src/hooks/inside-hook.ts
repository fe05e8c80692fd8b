import { AsyncLocalStorage } from 'node:async_hooks'
import { type PlanTarget, TidemarkError } from '@tidemark/core'

/** The variable that tells a command which runs wait for it. */
export const INSIDE_HOOK = 'TIDEMARK_INSIDE_HOOK'

type HookTarget = Pick<PlanTarget, 'host' | 'port' | 'database' | 'schema' | 'systemIdentifier'>

interface Inside {
  readonly targets: readonly HookTarget[]
  /** False once the hook has ended: what it left running is inside it no more. */
  isOpen: boolean
}

/** One for all copies of this package in a process: a configuration may load another than the command line. */
const STORE = Symbol.for('tidemark.insideHook')

function storage(): AsyncLocalStorage<Inside> {
  const found: unknown = Reflect.get(globalThis, STORE)
  if (found instanceof AsyncLocalStorage) return found
  const made = new AsyncLocalStorage<Inside>()
  Reflect.set(globalThis, STORE, made)
  return made
}

/** Lists the targets whose runs wait for the hook that this is called in. */
function listTargets(): readonly HookTarget[] {
  const inside = storage().getStore()
  const inherited = readTargets(process.env[INSIDE_HOOK])
  return inside?.isOpen === true ? [...inherited, ...inside.targets] : inherited
}

/** Runs a function as the hook of a run on a target. */
export async function runInsideHook<T>(target: PlanTarget, work: () => Promise<T>): Promise<T> {
  const inside: Inside = { targets: [...listTargets(), target], isOpen: true }
  try {
    return await storage().run(inside, work)
  } finally {
    inside.isOpen = false
  }
}

/** The value of {@link INSIDE_HOOK} for a command that is run in a hook; without credentials. */
export function writeTargets(): string {
  return JSON.stringify(
    listTargets().map(({ host, port, database, schema, systemIdentifier }) => ({
      host,
      port,
      database,
      schema,
      systemIdentifier,
    })),
  )
}

/**
 * Refuses a run whose lock is held by the run that waits for this hook: it would wait until the hook is ended.
 *
 * @throws TidemarkError TM7040.
 */
export function refuseInsideHook(target: PlanTarget): void {
  if (!listTargets().some((held) => isSame(held, target))) return
  throw new TidemarkError({
    code: 'TM7040',
    message: `a run on the database "${target.database}" waits for the hook that this run was started in`,
    help: 'a hook may read (status, plan, verify) and may migrate other databases; put what is to be applied into a migration',
  })
}

function isSame(held: HookTarget, target: HookTarget): boolean {
  const { systemIdentifier } = held
  const isServer =
    systemIdentifier !== null && target.systemIdentifier !== null
      ? systemIdentifier === target.systemIdentifier
      : held.host === target.host && held.port === target.port
  return isServer && held.database === target.database && held.schema === target.schema
}

/** What is not readable says nothing. */
function readTargets(text: string | undefined): readonly HookTarget[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]')
    return Array.isArray(value) ? value.filter(isTarget) : []
  } catch {
    return []
  }
}

function isTarget(value: unknown): value is HookTarget {
  if (typeof value !== 'object' || value === null) return false
  return ['host', 'port', 'database', 'schema', 'systemIdentifier'].every((key) => Object.hasOwn(value, key))
}
