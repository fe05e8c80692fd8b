import { expect, test } from 'vitest'
import { createServerHarness, until } from '../support/server-harness.ts'

// Alone in its file, so that no other test's timers are there.
test('an interrupted run leaves no timer behind that would keep its process alive', async () => {
  const harness = await createServerHarness({ '001_slow': 'SELECT pg_sleep(60);' })
  const controller = new AbortController()
  const run = harness.fail({}, { signal: controller.signal })
  const asleep =
    "SELECT pid FROM pg_stat_activity WHERE query LIKE '%pg_sleep(60)%' AND pid <> pg_backend_pid()"
  await until(async () => (await harness.database.query(asleep)).length > 0)
  controller.abort()
  expect((await run).code).toBe('TM5008')
  expect(process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout')).toEqual([])
  await harness.database.drop()
})
