import { TidemarkError } from '@tidemark/core'
import type { Guard } from './guard.ts'

/**
 * Checks what an adapter was given for a gate or a guard when the application starts, not at the first request.
 *
 * @param where the adapter's function, as messages name it.
 * @throws TidemarkError TM7003.
 * @example requireGuard('schemaGate', gate)
 */
export function requireGuard<G extends Guard>(where: string, guard: G): G {
  const given: unknown = guard
  if (typeof given === 'object' && given !== null && 'isOpen' in given && 'refuse' in given) return guard
  throw new TidemarkError({
    code: 'TM7003',
    message: `${where} needs a gate, not ${describe(given)}`,
    help: "make one: createGate({ database: pool, migrations: 'migrations' })",
  })
}

function describe(given: unknown): string {
  if (given === null || given === undefined) return String(given)
  return typeof given === 'object' ? 'another object' : `a ${typeof given}`
}
