import { createTestDatabase } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { createServerDatabase } from '../../src/index.ts'
import { createHarness } from '../support/engine-harness.ts'
import { startRelay } from '../support/relay.ts'
import { serverDatabase } from '../support/server-harness.ts'

/**
 * Counts messages that ask for an answer (Query and Sync) and how often the client fell silent to wait for
 * one.
 */
function createCounter() {
  let isSignedIn = false
  let queries = 0
  let roundTrips = 0
  let isWaiting = false
  return {
    observer: {
      fromClient(data: Buffer) {
        if (!isSignedIn) return undefined
        for (let at = 0; at + 5 <= data.length; at += data.readUInt32BE(at + 1) + 1) {
          const type = String.fromCharCode(data[at] ?? 0)
          if (type === 'X') continue
          if (type === 'Q' || type === 'S') queries += 1
          if (!isWaiting) roundTrips += 1
          isWaiting = true
        }
        return undefined
      },
      fromServer(data: Buffer) {
        isWaiting = false
        // ReadyForQuery ends signing in.
        if (data.at(-6) === 0x5a) isSignedIn = true
        return undefined
      },
    },
    counted: () => ({ queries, roundTrips }),
  }
}

test('a run with nothing to do takes at most five queries and three round trips after connecting', async () => {
  const database = await createTestDatabase()
  const files = { '001_a': 'SELECT 1;', '002_b': 'SELECT 2;' }
  const suite = { query: async () => [], drop: database.drop }
  await createHarness({ ...suite, open: serverDatabase(database.url) }, files).up()
  const counter = createCounter()
  const relay = await startRelay(database.url, counter.observer)
  const result = await createHarness({ ...suite, open: serverDatabase(relay.url(database.url)) }, files).up()
  expect(result.outcome).toBe('nothing_to_do')
  const { queries, roundTrips } = counter.counted()
  expect(queries).toBeLessThanOrEqual(5)
  expect(roundTrips).toBeLessThanOrEqual(3)
  await relay.close()
  await database.drop()
})

test('reading the state, and who migrates, takes no more', async () => {
  const database = await createTestDatabase()
  const suite = { query: async () => [], drop: database.drop }
  await createHarness({ ...suite, open: serverDatabase(database.url) }, { '001_a': 'SELECT 1;' }).up()
  const counter = createCounter()
  const relay = await startRelay(database.url, counter.observer)
  const reader = await createServerDatabase({ database: relay.url(database.url) }).openReader()
  const [history, runner] = await Promise.all([reader.store.readHistory(), reader.findRunner()])
  expect({ kind: history.kind, runner }).toEqual({ kind: 'present', runner: null })
  await reader.close()
  const { queries, roundTrips } = counter.counted()
  expect(queries).toBeLessThanOrEqual(5)
  expect(roundTrips).toBeLessThanOrEqual(3)
  await relay.close()
  await database.drop()
})
