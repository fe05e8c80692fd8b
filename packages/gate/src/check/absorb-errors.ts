import type { GateDatabase } from '../status/query-status.ts'

const absorbed = new WeakSet<object>()

/**
 * Listens to the errors of a pool's idle connections: `pg` emits `error`, and without a listener that ends
 * the process. Whether the database is there is found by the next check. One listener a pool, however many
 * gates; it stays, since connections can also break while the pool is being ended.
 */
export function absorbErrors(database: GateDatabase): void {
  if (!isEmitter(database) || absorbed.has(database)) return
  absorbed.add(database)
  database.on('error', () => undefined)
}

interface Emitter {
  on(event: 'error', listener: () => void): unknown
}

function isEmitter(value: object): value is Emitter {
  return 'on' in value && typeof value.on === 'function'
}
