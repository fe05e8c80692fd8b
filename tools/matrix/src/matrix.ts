import { parseArgs } from 'node:util'
import { POSTGRES } from './postgres-axis.ts'
import { runNodes } from './run-nodes.ts'
import { runSuites } from './run-suites.ts'
import { replaceTable } from './write-table.ts'

declare const __ROOT__: string

/** What a row of an axis sets up for the time of one run of the suites. */
export interface Setup {
  /** What was met, such as the full version. */
  readonly met: string
  /** Variables for the run. */
  readonly environment: Readonly<Record<string, string>>
  remove(): Promise<void>
}

/** One thing in several versions: a table of its own in `docs/compatibility.md`. */
export interface Axis {
  /** The name on the command line, and of the table in the page. */
  readonly name: string
  readonly heading: string
  readonly versions: readonly string[]
  /** Tests that this axis is about: vitest's filters. */
  readonly suites: readonly string[]
  prepare(version: string): Promise<Setup>
}

const AXES: readonly Axis[] = [POSTGRES]

const { values } = parseArgs({
  options: {
    axis: { type: 'string', multiple: true },
    version: { type: 'string', multiple: true },
  },
})

for (const axis of AXES) {
  if (values.axis !== undefined && !values.axis.includes(axis.name)) continue
  const rows: (readonly string[])[] = []
  for (const version of axis.versions) {
    if (values.version !== undefined && !values.version.includes(version)) continue
    process.stdout.write(`${axis.heading} ${version} …\n`)
    const setup = await axis.prepare(version)
    try {
      const tally = await runSuites(__ROOT__, axis.suites, setup.environment)
      rows.push([setup.met, String(tally.passed), String(tally.skipped), listFailed(tally.failed)])
      process.stdout.write(`  ${setup.met}: ${tally.passed} passed, ${tally.failed.length} failed\n`)
      for (const failed of tally.failed) process.stdout.write(`    ${failed}\n`)
      if (tally.failed.length > 0) process.exitCode = 1
    } finally {
      await setup.remove()
    }
  }
  // A part of the versions is a trial: only a whole run is written down.
  if (values.version === undefined) {
    replaceTable(__ROOT__, axis.name, [[axis.heading, 'tests passed', 'skipped', 'failed'], ...rows])
  }
}

if (values.axis === undefined || values.axis.includes('node')) {
  const rows = await runNodes(__ROOT__, values.version)
  if (values.version === undefined) replaceTable(__ROOT__, 'node', rows)
}

function listFailed(failed: readonly string[]): string {
  return failed.length === 0 ? '0' : `${failed.length}: ${failed.join('; ')}`
}
