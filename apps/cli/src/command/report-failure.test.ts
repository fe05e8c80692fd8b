import { readFile, rm, stat } from 'node:fs/promises'
import { afterEach, expect, test, vi } from 'vitest'
import { createRedactor } from '../redact/redactor.ts'
import { describeTerminal } from '../terminal/terminal.ts'
import { reportFailure } from './report-failure.ts'
import type { Runtime } from './runtime.ts'

afterEach(() => vi.restoreAllMocks())

test('our own bug is TM7099, exits 70, and leaves a report for its owner alone, without the password', async () => {
  const redactor = createRedactor()
  redactor.learnFrom('postgres://ada:hunter22@db/shop')
  const runtime: Runtime = {
    redactor,
    terminal: describeTerminal({ stdin: {}, stdout: {}, stderr: {}, env: {} }),
    output: { onlyReports: () => undefined },
    interrupts: { signal: new AbortController().signal, exitCode: undefined, dispose: () => {} },
    version: '1.2.3',
  }
  let written = ''
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    written += String(chunk)
    return true
  })
  const code = reportFailure(new TypeError('cannot use hunter22'), runtime, {
    json: true,
    verbose: false,
    targetFlags: '',
  })
  expect(code).toBe(70)
  const { error } = JSON.parse(written)
  expect(error.code).toBe('TM7099')
  const report = await readFile(error.details.report, 'utf8')
  expect(report).toMatch(/^tidemark 1\.2\.3, Node v/)
  expect(report).toContain('TypeError: cannot use ***')
  expect(report).not.toContain('hunter22')
  expect((await stat(error.details.report)).mode & 0o777).toBe(0o600)
  await rm(error.details.report)
})
