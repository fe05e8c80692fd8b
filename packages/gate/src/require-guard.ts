import { TidemarkError } from '@tidemark/core'
import type { Gate } from './gate.ts'
import type { Guard } from './http/guard.ts'

/**
 * Checks the guard that an adapter got when the application starts, not at the first request. A gate is a
 * guard too.
 *
 * @param where the adapter's function, as messages name it.
 * @throws TidemarkError TM7003.
 * @example requireGuard('withGate', guard)
 */
export function requireGuard<G extends Guard>(where: string, guard: G): G {
  if (hasFunctions(guard, GUARD)) return guard
  throw describeOther(where, guard)
}

/**
 * Checks the gate that an adapter got when the application starts.
 *
 * @param where the adapter's function, as messages name it.
 * @throws TidemarkError TM7003.
 * @example requireGate('livez', gate)
 */
export function requireGate(where: string, gate: Gate): Gate {
  if (hasFunctions(gate, [...GUARD, 'guard', 'livez', 'readyz', 'stop'])) return gate
  throw describeOther(where, gate)
}

const GUARD = ['isOpen', 'refuse']

function hasFunctions(given: unknown, names: readonly string[]): boolean {
  if (typeof given !== 'object' || given === null) return false
  return names.every((name) => typeof Reflect.get(given, name) === 'function')
}

function describeOther(where: string, given: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7003',
    message: `${where} needs a gate, not ${describe(given)}`,
    help: "make one: createGate({ database: pool, migrations: 'migrations' })",
  })
}

function describe(given: unknown): string {
  if (given === null || given === undefined) return String(given)
  if (hasFunctions(given, GUARD)) return 'the guard of a route'
  return typeof given === 'object' ? 'another object' : `a ${typeof given}`
}
