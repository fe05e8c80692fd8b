import type { RunnerOptions, RunObserver } from '@tidemark/core'
import { afterEach, expect, test } from 'vitest'
import { createServerHarness, type ServerHarness } from '../support/server-harness.ts'

let harness: ServerHarness | undefined
afterEach(async () => {
  await harness?.database.drop()
  harness = undefined
})

const refuse = (): never => {
  throw new Error('no room')
}
const failing: RunObserver = { onEvent: refuse, end: refuse }
const CASES: readonly (readonly [string, Partial<RunnerOptions>, string])[] = [
  ['whose telemetry throws', { observeRun: async () => failing }, 'telemetry'],
  ['whose telemetry does not start', { observeRun: async () => refuse() }, 'telemetry'],
  ['whose telemetry throws at once', { observeRun: refuse }, 'telemetry'],
  ['whose telemetry hangs', { observeRun: () => new Promise(() => undefined) }, 'telemetry'],
]

test.each(CASES)('a run %s applies everything and warns once', async (_, options, who) => {
  const h = await createServerHarness({ '001_a': 'CREATE TABLE a ();', '002_b': 'CREATE TABLE b ();' })
  harness = h
  const warnings: string[] = []
  const warn = (message: string) => void warnings.push(message)
  const { done } = await h.runner({}, { ...options, warn }).runMigrations()
  expect(done).toEqual(['001_a', '002_b'])
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toMatch(`${who} failed, and the run goes on without it: `)
})

test.each([
  ['throws', refuse],
  ['rejects', async () => refuse()],
])(
  'a run whose onEvent %s applies everything, rolls everything back, and warns once each time',
  async (_, onEvent) => {
    const h = await createServerHarness({ '001_a': '-- @up\nCREATE TABLE a ();\n-- @down\nDROP TABLE a;\n' })
    harness = h
    const warnings: string[] = []
    const runner = h.runner({}, { warn: (message) => void warnings.push(message) })
    expect((await runner.runMigrations({ onEvent })).done).toEqual(['001_a'])
    expect((await runner.rollBack({ onEvent })).done).toEqual(['001_a'])
    const warning = 'onEvent failed, and the run goes on without it: no room'
    expect(warnings).toEqual([warning, warning])
  },
)
