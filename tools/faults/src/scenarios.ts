import type { Scenario } from './scenario.ts'
import { killScenario } from './scenarios/kill.ts'

/** Every scenario, in the order in which the long version runs them. */
export const SCENARIOS: readonly Scenario[] = [killScenario]
