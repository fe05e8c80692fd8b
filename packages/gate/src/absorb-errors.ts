import type { GateDatabase } from './ask.ts'

/**
 * Listens to the errors of a pool's idle connections, which end the process of whoever does not (`pg` emits `error`).
 * Whether the database is there is found by asking it.
 *
 * @returns what takes the listener off again.
 */
export function absorbErrors(database: GateDatabase): () => void {
  if (!isEmitter(database)) return () => undefined
  const ignore = () => undefined
  database.on('error', ignore)
  return () => database.off('error', ignore)
}

interface Emitter {
  on(event: 'error', listener: () => void): unknown
  off(event: 'error', listener: () => void): unknown
}

function isEmitter(value: object): value is Emitter {
  return 'on' in value && typeof value.on === 'function' && 'off' in value && typeof value.off === 'function'
}
