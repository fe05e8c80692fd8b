import type { RunEvent } from '@tidemark/core'
import type { FinishedSteps } from './run-to-json.ts'

/** Collects what a result needs of a run's events, and hands each of them on. */
export interface RunWatch {
  readonly onEvent: (event: RunEvent) => void
  /** The steps that are done so far. */
  readonly finished: FinishedSteps
}

/** Watches a run for several listeners at once. */
export function watchRun(listeners: readonly ((event: RunEvent) => void)[]): RunWatch {
  const finished: Extract<RunEvent, { readonly kind: 'step_finished' }>[] = []
  return {
    finished,
    onEvent: (event) => {
      if (event.kind === 'step_finished') finished.push(event)
      for (const listener of listeners) listener(event)
    },
  }
}
