import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import * as z from 'zod'

/** What became of the tests of one run. */
export interface Tally {
  readonly passed: number
  readonly skipped: number
  /** `file: name` of each. */
  readonly failed: readonly string[]
}

/** The part of vitest's JSON report that is read here. */
const ReportSchema = z.object({
  numPassedTests: z.int(),
  numPendingTests: z.int(),
  testResults: z.array(
    z.object({
      name: z.string(),
      status: z.string(),
      assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })),
    }),
  ),
})

/** Runs the tests that match the filters, in a process of their own. */
export async function runSuites(
  root: string,
  suites: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<Tally> {
  const folder = mkdtempSync(join(tmpdir(), 'tidemark-matrix-report-'))
  const report = join(folder, 'report.json')
  try {
    const args = [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      '--project=engines',
      '--reporter=json',
      `--outputFile=${report}`,
      ...suites,
    ]
    // Not spawnSync: the server of this process would wait for ever for somebody to read its log.
    const child = spawn(process.execPath, args, {
      cwd: root,
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    await once(child, 'exit')
    return toTally(root, ReportSchema.parse(JSON.parse(readFileSync(report, 'utf8'))))
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function toTally(root: string, report: z.infer<typeof ReportSchema>): Tally {
  const failed = report.testResults.flatMap(({ name, status, assertionResults }) => {
    const file = relative(root, name)
    const tests = assertionResults.filter((one) => one.status === 'failed')
    // A file that cannot be loaded has no tests.
    if (tests.length === 0 && status === 'failed') return [file]
    return tests.map(({ fullName }) => `${file}: ${fullName.trim()}`)
  })
  return { passed: report.numPassedTests, skipped: report.numPendingTests, failed }
}
