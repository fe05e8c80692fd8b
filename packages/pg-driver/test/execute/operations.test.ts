import { createTestDatabase } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import { createEngineDatabase } from '../../src/database/create-engine-database.ts'
import { createServerEngine } from '../../src/engine/server-engine.ts'
import type { SuiteEngine } from '../support/engine-harness.ts'
import { describeGoingBack } from '../support/going-back-suite.ts'
import { describeOperations } from '../support/operations-suite.ts'
import { describeReruns } from '../support/reruns-suite.ts'
import { createServerHarness } from '../support/server-harness.ts'

const engine: SuiteEngine = {
  name: 'a PostgreSQL server',
  create: async () => {
    const { url, query, drop } = await createTestDatabase()
    return {
      query: (text) => query(text),
      drop,
      open: (settings) =>
        createEngineDatabase(
          createServerEngine(
            { url, directUrl: undefined, connectTimeoutMs: 10_000, ssl: undefined },
            settings,
          ),
          settings,
        ),
    }
  },
}
describeGoingBack(engine)
describeOperations(engine)
describeReruns(engine)

test('the history keeps who held a lock, and what was tried again', async () => {
  const h = await createServerHarness({ '001_a': 'CREATE TABLE a (id int);' })
  try {
    await h.up()
    const holder = await h.connect()
    await holder.query('BEGIN; LOCK TABLE a')
    h.files = { ...h.files, '002_b': 'ALTER TABLE a ADD b int;' }
    await h.up(
      { lockTimeoutMs: 1500 },
      {
        onEvent: (event) => {
          if (event.kind === 'step_retry') void holder.query('COMMIT')
        },
      },
    )
    const { attempts } = await h.runner().history({ id: '002_b' })
    const blocker = { pid: expect.any(Number), applicationName: null, user: expect.any(String) }
    expect(attempts[0]?.details).toMatchObject({
      lockWaits: [{ statement: 1, waitedMs: expect.any(Number), blockers: [blocker] }],
      retries: [{ attempt: 1, sqlState: '55P03', delayMs: expect.any(Number), blockers: [blocker] }],
    })
  } finally {
    await h.database.drop()
  }
})
