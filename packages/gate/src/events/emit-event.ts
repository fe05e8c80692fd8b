import type { GateEvent } from '../check/status.ts'

/** Tells a listener. What it throws must not be taken for a failing database; it throws where nobody is in its way. */
export function tell(onEvent: ((event: GateEvent) => void) | undefined, event: GateEvent): void {
  try {
    onEvent?.(event)
  } catch (error) {
    queueMicrotask(() => {
      throw error
    })
  }
}
