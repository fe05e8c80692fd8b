import { setMaxListeners } from 'node:events'

/** Makes a signal that any number of targets may listen to at a time, without a warning of Node. */
export function shareSignal(signal: AbortSignal | undefined): AbortSignal | undefined {
  if (signal === undefined) return undefined
  const shared = AbortSignal.any([signal])
  setMaxListeners(0, shared)
  return shared
}
