/** How often checks are wanted: while a guard is closed, while an open gate watches, or not at all. */
export type Pace = 'often' | 'seldom' | 'never'

/** Shortest and longest pause between two checks, in milliseconds. */
export interface PauseLimits {
  readonly minMs: number
  readonly maxMs: number
}

const GROWTH = 1.5
const JITTER = 0.25

/**
 * Makes the function that gives the pause after each check, in milliseconds; undefined: no further check.
 * While checks are wanted often the pause grows from `minMs` to `maxMs`. Each is shortened by up to a quarter
 * at random, so that replicas do not check in step.
 *
 * @example const nextPauseMs = createPauses({ minMs: 500, maxMs: 5000 })
 */
export function createPauses({ minMs, maxMs }: PauseLimits): (pace: Pace) => number | undefined {
  let pauseMs = minMs
  return (pace) => {
    if (pace === 'often') {
      const pause = Math.max(minMs, withJitter(pauseMs))
      pauseMs = Math.min(maxMs, pauseMs * GROWTH)
      return pause
    }
    pauseMs = minMs
    return pace === 'seldom' ? withJitter(maxMs) : undefined
  }
}

function withJitter(pauseMs: number): number {
  return pauseMs * (1 - JITTER * Math.random())
}
