// `npm test`: installs, builds, and runs every check and test that needs nothing but Node and npm.
import { readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { runWithPnpm } from './with-pnpm.js'

const report = join(tmpdir(), `tidemark-tests-${process.pid}.json`)
const filters = process.argv.slice(2).join(' ')

runWithPnpm('pnpm install --frozen-lockfile')
runWithPnpm('pnpm exec turbo run build typecheck --output-logs=errors-only')
runWithPnpm('pnpm exec biome check .')
runWithPnpm('pnpm exec knip')
process.on('exit', () => {
  summarise()
  rmSync(report, { force: true })
})
runWithPnpm(
  `pnpm exec vitest run --reporter=default --reporter=json --outputFile.json=${report} ${filters}`.trim(),
)

/** One plain line at the end, for people and for what reads logs. */
function summarise() {
  const { numPassedTests, numFailedTests, numPendingTests } = JSON.parse(readFileSync(report, 'utf8'))
  process.stdout.write(`\n${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped\n`)
}
