import { expect, test } from 'vitest'
import { createServerHarness, untilRunning } from '../support/server-harness.ts'

// Alone in its file, so that no other test's timers are there.
test('an interrupted run leaves no timer behind that would keep its process alive', async () => {
  const harness = await createServerHarness({ '001_slow': 'SELECT pg_sleep(600);' })
  const controller = new AbortController()
  const run = harness.fail({}, { signal: controller.signal })
  await untilRunning(harness, 'pg_sleep(600)')
  controller.abort()
  expect((await run).code).toBe('TM5008')
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toEqual([])
  await harness.database.drop()
})
