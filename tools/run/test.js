// `npm test`: installs, builds, and runs every check and test that needs nothing but Node and npm. Arguments
// are vitest's, such as paths. `--long` runs the tests in `*.long.test.ts` instead, and nothing else.
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { summariseTests } from './summarise-tests.js'
import { root, runWithPnpm, tryWithPnpm } from './with-pnpm.js'

const given = process.argv.slice(2)
const isLong = given.includes('--long')
const filters = given.filter((argument) => argument !== '--long')
const report = join(tmpdir(), `tidemark-tests-${process.pid}.json`)

runWithPnpm('pnpm install --frozen-lockfile')
if (isLong) process.env['TIDEMARK_LONG_TESTS'] = '1'
else runWithPnpm('pnpm exec turbo run build typecheck lint knip --output-logs=errors-only')
const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`]
process.exitCode = tryWithPnpm(
  `pnpm exec vitest run ${[...reporters, ...filters].map((text) => JSON.stringify(text)).join(' ')}`,
)
process.stdout.write(`\n${summariseTests(report, root)}`)
rmSync(report, { force: true })
