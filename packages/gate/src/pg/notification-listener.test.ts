import { setTimeout as sleep } from 'node:timers/promises'
import { createTestDatabase } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { createNotificationListener } from './notification-listener.ts'

test('a notification of other tracking tables is ignored', async () => {
  const database = await createTestDatabase()
  onTestFinished(() => database.drop())
  const listener = createNotificationListener(database.url, 'public')
  onTestFinished(() => listener.stop())
  let wakes = 0
  listener.start(() => {
    wakes += 1
  })
  while (wakes === 0) await sleep(10)
  // Of one transaction: they arrive together, and in this order.
  await database.query(
    `SELECT pg_notify('tidemark', '{"v":1,"schema":"tenant_b"}'), pg_notify('tidemark', '{"v":1,"schema":"public"}')`,
  )
  while (wakes === 1) await sleep(10)
  expect(wakes).toBe(2)
})
