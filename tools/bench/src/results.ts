import { appendFileSync } from 'node:fs'

/** One line of the table of all benchmarks. */
export interface Result {
  /** What was done, such as `1,000 light migrations, data in memory`. */
  readonly work: string
  readonly tool: string
  /** With its unit, such as `330 ms`. */
  readonly measured: string
  /** Against what the tools of the same work are compared with, such as `0.68 × psql`. */
  readonly ratio?: string
  /** What was aimed at; only in rows of Tidemark. */
  readonly target?: string
  /** Whether it was met; absent without a target. */
  readonly met?: boolean
}

/** Where `pnpm bench` without a name collects the results of all benchmarks, as JSON lines. */
export const RESULTS_VARIABLE = 'TIDEMARK_BENCH_RESULTS'

/** Adds lines to the table of all benchmarks, when one is being made. */
export function report(...results: readonly Result[]): void {
  const path = process.env[RESULTS_VARIABLE]
  if (path === undefined) return
  appendFileSync(path, results.map((result) => `${JSON.stringify(result)}\n`).join(''))
}
