import { bundleChildren, type Children } from './bundle.ts'
import { readOptions } from './options.ts'
import { createRandom } from './random.ts'
import type { Scenario, Skipped, Tally } from './scenario.ts'
import { SCENARIOS } from './scenarios.ts'

const USAGE = `pnpm test:faults [SCENARIO …] [--seed N] [--count N] [--scale 0.1] [--minutes 5]

  --seed N      plays the same choices again (default: a new one, printed)
  --count N     so many disturbances of each scenario
  --scale X     that part of the disturbances (default 1)
  --minutes M   the limit of each scenario, after which it ends and tells how far it came (default 10)
`

const options = readOptions(
  process.argv.slice(2),
  SCENARIOS.map(({ name }) => name),
)
if (options.kind === 'usage') {
  process.stdout.write(`${options.problem}${USAGE}\nscenarios:\n`)
  for (const { name, about, count } of SCENARIOS)
    process.stdout.write(`  ${name.padEnd(12)} ${about} (${count})\n`)
  process.exit(options.problem === '' ? 0 : 2)
}

const { seed, scale, count, minutes, chosen } = options
const children = await bundleChildren(['apply', 'apply-embedded', 'fuzz-worker', 'model-worker'])
process.stdout.write(`seed ${seed}\n`)
// A server that is at rest does not keep the process alive.
const alive = setInterval(() => undefined, 60_000)
let failed = 0
try {
  for (const scenario of SCENARIOS) {
    if (chosen.length > 0 && !chosen.includes(scenario.name)) continue
    if (!(await runScenario(scenario, children))) failed += 1
  }
} finally {
  clearInterval(alive)
  await children.remove()
}
process.exitCode = failed === 0 ? 0 : 1

async function runScenario(scenario: Scenario, own: Children): Promise<boolean> {
  const startedAt = performance.now()
  const deadline = startedAt + minutes * 60_000
  const seconds = () => `${((performance.now() - startedAt) / 1000).toFixed(0)} s`
  try {
    const outcome = await scenario.run({
      random: createRandom(seed),
      count: count ?? Math.max(1, Math.round(scenario.count * scale)),
      isOver: () => performance.now() > deadline,
      until: Date.now() + minutes * 60_000,
      children: own,
      log: (line) => process.stdout.write(`  ${scenario.name}: ${line}\n`),
    })
    process.stdout.write(`${scenario.name}: ${describe(outcome)} (${seconds()})\n`)
    return true
  } catch (error) {
    const text = error instanceof Error ? withCauses(error) : String(error)
    process.stdout.write(
      `${scenario.name}: FAILED after ${seconds()}; replay: pnpm test:faults ${scenario.name} --seed ${seed}\n${text}\n`,
    )
    return false
  }
}

function describe(outcome: Tally | Skipped): string {
  if ('skipped' in outcome && typeof outcome.skipped === 'string') return `skipped: ${outcome.skipped}`
  return Object.entries(outcome)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')
}

function withCauses(error: Error): string {
  const own = error.stack ?? error.message
  return error.cause instanceof Error ? `${own}\ncaused by ${withCauses(error.cause)}` : own
}
