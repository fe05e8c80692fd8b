import { escapeControls } from '../text/escape-controls.ts'
import type { Problem } from './problem.ts'

/** What {@link presentJunit} writes. */
export interface JunitReport {
  /** The command, such as `tidemark validate`. */
  readonly suite: string
  /** The files that were looked at: a test case each. */
  readonly paths: readonly string[]
  readonly problems: readonly Problem[]
  /** Whether a problem fails the case of its file; the others are its output. */
  readonly isFailure: (problem: Problem) => boolean
  /** What could not be looked at, and why. */
  readonly skipped: readonly { readonly path: string; readonly why: string }[]
}

/** Writes a JUnit report: one test case a file, with a failure for each problem that fails. */
export function presentJunit({ suite, paths, problems, isFailure, skipped }: JunitReport): string {
  const named = [...paths, ...problems.map(({ path }) => path), ...skipped.map(({ path }) => path)]
  const files = [...new Set(named.map((path) => path || LOOSE))]
  const cases = files
    .sort((a, b) => Number(a === LOOSE) - Number(b === LOOSE))
    .map((file) => {
      const own = problems.filter(({ path }) => (path || LOOSE) === file)
      return testCase(file, {
        failures: own.filter(isFailure),
        others: own.filter((problem) => !isFailure(problem)),
        reasons: skipped.filter(({ path }) => (path || LOOSE) === file).map(({ why }) => why),
      })
    })
  const numberOf = (outcome: TestCase['outcome']) => cases.filter((one) => one.outcome === outcome).length
  const left = numberOf('skipped')
  const counts = `tests="${cases.length}" failures="${numberOf('failed')}"${left === 0 ? '' : ` skipped="${left}"`}`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="tidemark" ${counts}>`,
    `  <testsuite name="${suite}" ${counts}>`,
    ...cases.map(({ xml }) => xml),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

/** The case of problems that are of no file. */
const LOOSE = 'migrations'

interface TestCase {
  readonly xml: string
  readonly outcome: 'passed' | 'failed' | 'skipped'
}

interface CaseContent {
  readonly failures: readonly Problem[]
  readonly others: readonly Problem[]
  readonly reasons: readonly string[]
}

function testCase(name: string, { failures, others, reasons }: CaseContent): TestCase {
  // A case is either failed or skipped: readers take the first of both.
  const isSkipped = failures.length === 0 && reasons.length > 0
  const output = [...others.map(({ text }) => text), ...(isSkipped ? [] : reasons)].join('\n')
  const children = [
    ...(isSkipped ? [`      <skipped message="${escapeXml(reasons.join('\n'))}"/>`] : []),
    ...failures.map(
      ({ rule, message, text }) =>
        `      <failure type="${escapeXml(rule)}" message="${escapeXml(message)}">${escapeXml(text)}</failure>`,
    ),
    ...(output === '' ? [] : [`      <system-out>${escapeXml(output)}</system-out>`]),
  ]
  const open = `    <testcase classname="tidemark" name="${escapeXml(name)}"`
  const xml = children.length === 0 ? `${open}/>` : [`${open}>`, ...children, '    </testcase>'].join('\n')
  return { xml, outcome: failures.length > 0 ? 'failed' : isSkipped ? 'skipped' : 'passed' }
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\n': '&#10;',
}

function escapeXml(text: string): string {
  return (
    // XML 1.0 has no way to write most control characters.
    escapeControls(text).replace(/[&<>"]/g, (character) => ENTITIES[character] ?? character)
  )
}
