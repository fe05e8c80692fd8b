import { existsSync, readFileSync } from 'node:fs'
import { relative, sep } from 'node:path'

/** @typedef {{ name: string, status: string, message: string, assertionResults: { ancestorTitles: string[], title: string, status: string }[] }} TestFile */

/**
 * The last lines of a test run: every failing test by its file and name, then one plain line of counts. A run
 * that ended before it wrote its report says so.
 *
 * @param {string} report the path of vitest's JSON report
 * @param {string} root the folder that paths of files are relative to
 * @returns {string}
 */
export function summariseTests(report, root) {
  if (!existsSync(report)) return 'the test run ended before its report was written: see the output above\n'
  /** @type {{ numPassedTests: number, numFailedTests: number, numPendingTests: number, testResults: TestFile[] }} */
  const { numPassedTests, numFailedTests, numPendingTests, testResults } = JSON.parse(
    readFileSync(report, 'utf8'),
  )
  const failed = testResults.flatMap((file) => listFailed(file, root))
  const counts = `${numPassedTests} passed, ${numFailedTests} failed, ${numPendingTests} skipped`
  return `${failed.map((name) => `FAILED ${name}\n`).join('')}${counts}\n`
}

/**
 * The failed tests of a file. A file that failed outside of its tests, in an import or a hook, is named with
 * its error.
 *
 * @param {TestFile} file
 * @param {string} root
 * @returns {string[]}
 */
function listFailed(file, root) {
  const path = relative(root, file.name).split(sep).join('/')
  const failed = file.assertionResults
    .filter(({ status }) => status === 'failed')
    .map(({ ancestorTitles, title }) => [path, ...ancestorTitles, title].join(' > '))
  if (file.status !== 'failed' || failed.length > 0) return failed
  return [`${path} > ${file.message.split('\n')[0]}`]
}
