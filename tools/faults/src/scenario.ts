import type { Children } from './bundle.ts'
import type { Random } from './random.ts'

/** What a scenario is given. */
export interface ScenarioContext {
  readonly random: Random
  /** How many disturbances to bring about. */
  readonly count: number
  /** True when the time is over: the scenario ends after the round that it is in. */
  isOver(): boolean
  /** When the time is over, in milliseconds since 1970, for those who cannot ask. */
  readonly until: number
  readonly children: Children
  log(line: string): void
}

/** What came of a scenario: how often what happened, for the table in docs/reliability.md. */
export type Tally = Readonly<Record<string, number>>

/** A way of disturbing runs. */
export interface Scenario {
  readonly name: string
  /** One line, for people. */
  readonly about: string
  /** Disturbances in the long version. */
  readonly count: number
  /** @throws FaultError when a promise does not hold. */
  run(context: ScenarioContext): Promise<Tally | Skipped>
}

/** A scenario that cannot run here. */
export interface Skipped {
  readonly skipped: string
}

/** A promise that did not hold, with all that was seen. */
export class FaultError extends Error {
  override readonly name = 'FaultError'
  readonly findings: readonly string[]

  constructor(what: string, findings: readonly string[]) {
    super([what, ...findings.slice(0, 40)].join('\n  '))
    this.findings = findings
  }
}

/** Throws unless there is nothing to complain of. */
export function expectNothing(what: string, findings: readonly string[]): void {
  if (findings.length > 0) throw new FaultError(what, findings)
}
