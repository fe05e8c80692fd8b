import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { summariseTests } from '../tools/run/summarise-tests.js'

async function summarise(testResults: readonly object[] | undefined): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'tidemark summary-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'report.json')
  const counts = { numPassedTests: 2, numFailedTests: 1, numPendingTests: 3 }
  if (testResults !== undefined) await writeFile(path, JSON.stringify({ ...counts, testResults }))
  return summariseTests(path, '/a folder')
}

const passed = { ancestorTitles: [], title: 'is well', status: 'passed' }

test('the failing tests come last, by file and name, and then the counts', async () => {
  const failed = { ancestorTitles: ['a lock', 'is taken'], title: 'once', status: 'failed' }
  const files = [
    {
      name: '/a folder/test/lock.test.ts',
      status: 'failed',
      message: '',
      assertionResults: [passed, failed],
    },
    { name: '/a folder/test/other.test.ts', status: 'passed', message: '', assertionResults: [passed] },
  ]
  expect(await summarise(files)).toBe(
    'FAILED test/lock.test.ts > a lock > is taken > once\n2 passed, 1 failed, 3 skipped\n',
  )
})

test('a file that failed before its tests is named with its error', async () => {
  const file = {
    name: '/a folder/test/lock.test.ts',
    status: 'failed',
    message: 'no server\nat …',
    assertionResults: [],
  }
  expect(await summarise([file])).toBe(
    'FAILED test/lock.test.ts > no server\n2 passed, 1 failed, 3 skipped\n',
  )
})

test('a run without a report says so', async () => {
  expect(await summarise(undefined)).toBe(
    'the test run ended before its report was written: see the output above\n',
  )
})
