import { once } from 'node:events'
import { expect, test } from 'vitest'
import { createMigrationRunner, examineServer } from '../../src/index.ts'
import { createMigrationFolder } from '../support/migration-files.ts'
import { startRelay } from '../support/relay.ts'
import { startRunnerProcess } from '../support/runner-process.ts'
import { createServerHarness, HELD, release, sessionsRunning, until } from '../support/server-harness.ts'

const FILES = { '001_a': `-- Transaction: none\n\n-- @up\n${HELD}\nCREATE TABLE a (id int);\n` }

test('the lock of a runner that was killed, in a session that a pooler keeps, is reported and never ended', async () => {
  const h = await createServerHarness({})
  const pooler = await startRelay(h.server.url, { keepsSessions: true })
  const folder = await createMigrationFolder(FILES)
  const killed = await startRunnerProcess(pooler.url(h.server.url), FILES)
  const ended = once(killed, 'exit')
  let pid: number | undefined
  // It waits between short statements: what one look finds, the next may not.
  await until(async () => {
    ;[pid] = await sessionsRunning(h, 'held')
    return pid !== undefined
  })
  killed.kill('SIGKILL')
  await ended
  await release(h)
  const kept = () =>
    h.server.query<{ since: Date; client: string }>(
      `SELECT state_change AS since, host(client_addr) || ':' || client_port AS client
       FROM pg_stat_activity WHERE pid = ${pid} AND state = 'idle'`,
    )
  await until(async () => (await kept()).length > 0)
  const [{ since, client } = { since: new Date(0), client: '' }] = await kept()
  const options = { database: h.server.url, migrations: folder.path, lockWait: 0 }
  const run = () => createMigrationRunner(options).runMigrations()
  const endIt = `SELECT pg_terminate_backend(${pid});`

  await expect(run()).rejects.toMatchObject({
    code: 'TM5003',
    message: expect.stringMatching(
      new RegExp(
        `it is idle for ${client} since ${since.toISOString()} and nothing has been recorded since: if its runner is gone, a pooler keeps its session; to end it: SELECT pg_terminate_backend\\(${pid}\\);$`,
      ),
    ),
    details: { endIt },
  })
  expect((await examineServer({ database: h.server.url, roles: [] })).lockHolder).toMatchObject({
    pid,
    idle: { since, client },
  })

  // A row that has changed since then was written by somebody: the run may be alive.
  await h.server.query('UPDATE schema_migrations SET updated_at = clock_timestamp()')
  await expect(run()).rejects.toMatchObject({ message: expect.not.stringContaining('pooler') })
  expect((await examineServer({ database: h.server.url, roles: [] })).lockHolder).not.toHaveProperty('idle')

  expect(await kept()).toEqual([{ since, client }])
  await h.server.query(endIt)
  await until(async () => (await kept()).length === 0)
  expect(await run()).toMatchObject({ outcome: 'done', done: ['001_a'] })
  await pooler.close()
  await folder.drop()
  await h.database.drop()
})
