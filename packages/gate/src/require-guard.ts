import { refuseUnknownKeys, TidemarkError } from '@tidemark/core'
import type { Guard } from './http/guard.ts'
import type { RequestGate } from './request-gate.ts'

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
export function requireGate<G extends RequestGate>(where: string, gate: G): G {
  if (hasFunctions(gate, [...GUARD, 'guard', 'livez', 'readyz', 'stop'])) return gate
  throw describeOther(where, gate)
}

/**
 * Checks what a route waits for when the application starts.
 *
 * @throws TidemarkError TM7002, TM7003.
 */
export function readRequires(options: { readonly requires: readonly string[] }): readonly string[] {
  refuseUnknownKeys('guard', Object.keys(options), ['requires'])
  if (Array.isArray(options.requires) && options.requires.length > 0) return [...options.requires]
  throw new TidemarkError({
    code: 'TM7003',
    message: 'guard: "requires" needs at least one id',
    help: "guard({ requires: ['040_add_phone'] })",
  })
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
