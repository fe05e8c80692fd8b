import { createRandom, type Random } from '../random.ts'
import { fuzzBytes, fuzzParser, fuzzScanner } from './fuzz-sql.ts'
import { fuzzConfig, fuzzRows, fuzzSavedPlan } from './fuzz-state.ts'

type Snippets = readonly [string, ...string[]]
type Target = (random: Random, snippets: Snippets) => void

/** What input number n goes to: scanner and parser most often. */
const TARGETS: readonly [name: string, target: Target][] = [
  ['scanner', fuzzScanner],
  ['parser', fuzzParser],
  ['scanner', fuzzScanner],
  ['parser', fuzzParser],
  ['scanner', fuzzScanner],
  ['parser', fuzzParser],
  ['bytes', fuzzBytes],
  ['config', fuzzConfig],
  ['rows', fuzzRows],
  ['saved plan', fuzzSavedPlan],
]

/** Gives one input, wholly determined by seed and number. @throws Error when it finds a fault. */
export function fuzzOne(seed: number, input: number, snippets: Snippets): void {
  const [name, target] = TARGETS[input % TARGETS.length] ?? ['scanner', fuzzScanner]
  try {
    target(createRandom(seed).fork(input), snippets)
  } catch (error) {
    throw new Error(`${name}, seed ${seed}, input ${input}`, { cause: error })
  }
}

/** Of so many inputs, how many go to scanner and parser. */
export function countSqlInputs(inputs: number): number {
  return Math.floor(inputs * 0.6)
}
