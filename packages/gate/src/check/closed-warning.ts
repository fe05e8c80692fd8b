import type { GateLog } from '../options.ts'

/** Says once why a gate stays closed. */
export interface ClosedWarning {
  /** The gate is closed from now on; counts from the first call until it opens. */
  start(): void
  /** The gate is open, or is not used any more. */
  cancel(): void
  /** Takes the framework's log, unless the application named one. */
  logTo(log: GateLog): void
}

/** How long a gate may be closed before it says why, in milliseconds. */
const PATIENCE_MS = 10_000

/**
 * Makes a warning that is not started. Its timer keeps no process alive.
 *
 * @param explain gives the reason, when the time has come.
 * @param given the application's log, `false` for none.
 */
export function createClosedWarning(
  explain: () => string,
  given: GateLog | false | undefined,
): ClosedWarning {
  let log: GateLog | false = given ?? console
  let timer: ReturnType<typeof setTimeout> | undefined

  function warn(): void {
    if (log === false) return
    try {
      log.warn(
        `tidemark: the schema gate is still closed after ${PATIENCE_MS / 1000} s, and requests get 503: ${explain()}`,
      )
    } catch {
      // A log that fails is no reason to end the application.
    }
  }

  return {
    start() {
      clearTimeout(timer)
      timer = setTimeout(warn, PATIENCE_MS)
      timer.unref?.()
    },
    cancel: () => clearTimeout(timer),
    logTo(other) {
      log = given ?? other
    },
  }
}
