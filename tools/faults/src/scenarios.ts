import type { Scenario } from './scenario.ts'
import { backScenario } from './scenarios/back.ts'
import { crashScenario } from './scenarios/crash.ts'
import { cutScenario } from './scenarios/cut.ts'
import { diskScenario } from './scenarios/disk.ts'
import { embeddedScenario } from './scenarios/embedded.ts'
import { fuzzScenario } from './scenarios/fuzz.ts'
import { killScenario } from './scenarios/kill.ts'
import { locksScenario } from './scenarios/locks.ts'
import { manyScenario } from './scenarios/many.ts'
import { modelScenario } from './scenarios/model.ts'
import { terminateScenario } from './scenarios/terminate.ts'

/** Every scenario, in the order in which the long version runs them. */
export const SCENARIOS: readonly Scenario[] = [
  killScenario,
  cutScenario,
  crashScenario,
  manyScenario,
  terminateScenario,
  backScenario,
  locksScenario,
  diskScenario,
  embeddedScenario,
  modelScenario,
  fuzzScenario,
]
