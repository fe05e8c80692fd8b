import { createMigrationRunner, lockKey } from '@tidemark/pg-driver'
import { connectToServer } from '@tidemark/pg-driver/engine'
import type { TestDatabase } from '@tidemark/test-servers'
import { expect, test } from 'vitest'
import type { Fleet } from '../../src/index.ts'
import { openDatabase, openFleet, readerOf, tenantsOf } from '../support.ts'
import { startWorker, until, watch } from './support.ts'

const file = (id: string, table: string) =>
  `-- Migration: ${id}\n-- Type: custom_sql\n\n-- @up\nCREATE TABLE ${table} (id int);\n\n-- @down\nDROP TABLE ${table};\n`
const FILES = { '001_a': file('001_a', 'a'), '002_b': file('002_b', 'b'), '003_c': file('003_c', 'c') }

/** What a worker did for a rollout that died before it could say so: some steps, and the mark that it began. */
async function actAsDead(
  { database, queue, rolloutId }: { database: TestDatabase; queue: TestDatabase; rolloutId: string },
  act: (runner: ReturnType<typeof createMigrationRunner>) => Promise<unknown>,
): Promise<void> {
  await queue.query(`UPDATE tidemark_fleet.targets SET begun_at = now() WHERE rollout = '${rolloutId}'`)
  await act(
    createMigrationRunner({
      database: database.url,
      migrations: readerOf(FILES),
      schema: 'acme',
      searchPath: ['acme', 'public'],
      runId: rolloutId,
    }),
  )
}

async function open(): Promise<{ database: TestDatabase; queue: TestDatabase; fleet: Fleet; local: Fleet }> {
  const database = await openDatabase(['acme'])
  const queue = await openDatabase()
  const options = { targets: tenantsOf(database, ['acme']), lockWait: 50 }
  return {
    ...{ database, queue },
    fleet: openFleet(FILES, { ...options, queue: queue.url }),
    local: openFleet(FILES, options),
  }
}

test('what a worker applied before it died is part of what the target came to, and is not applied again', async () => {
  const { database, queue, fleet } = await open()
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  const rolloutId = await watched.id
  await actAsDead({ database, queue, rolloutId }, (runner) => runner.runMigrations({ steps: 2 }))
  await startWorker(fleet)
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'done', done: ['001_a', '002_b', '003_c'] }])
})

test('a rollback that is taken again takes back what is left of the plan, and nothing more', async () => {
  const { database, queue, fleet, local } = await open()
  await local.up()
  const rollback = { kind: 'steps', count: 2 } as const
  const watched = watch((onEvent) => fleet.down({ onEvent, rollback }))
  const rolloutId = await watched.id
  await actAsDead({ database, queue, rolloutId }, (runner) => runner.rollBack())
  await startWorker(fleet, { allowDown: true })
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'done', done: ['003_c', '002_b'] }])
  expect(
    await database.query(
      "SELECT tablename FROM pg_tables WHERE schemaname = 'acme' AND length(tablename) = 1",
    ),
  ).toEqual([{ tablename: 'a' }])
})

test('a rollback that was done whole before its worker died takes back nothing again', async () => {
  const { database, queue, fleet, local } = await open()
  await local.up()
  const watched = watch((onEvent) => fleet.down({ onEvent }))
  const rolloutId = await watched.id
  await actAsDead({ database, queue, rolloutId }, (runner) => runner.rollBack())
  await startWorker(fleet, { allowDown: true })
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'done', done: ['003_c'] }])
})

test('a target that seemed to be left by a dead worker, and is still locked, is tried later', async () => {
  const { database, queue, fleet } = await open()
  const holder = await connectToServer({ url: database.url, applicationName: 'holder', timeoutMs: 10_000 })
  await holder.query(`SELECT pg_advisory_lock(${lockKey('acme')})`)
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  const rolloutId = await watched.id
  await queue.query(`UPDATE tidemark_fleet.targets SET begun_at = now() WHERE rollout = '${rolloutId}'`)
  await startWorker(fleet)
  await until(
    async () => (await queue.query('SELECT FROM tidemark_jobs.jobs WHERE last_error IS NOT NULL')).length > 0,
  )
  expect(await queue.query('SELECT last_error FROM tidemark_jobs.jobs')).toEqual([
    { last_error: 'another run holds the run lock' },
  ])
  await holder.close()
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'done' }])
})

test('a target that no worker finishes is given up', async () => {
  const { queue, fleet } = await open()
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  await watched.id
  await queue.query('UPDATE tidemark_jobs._private_jobs SET attempts = 8')
  await startWorker(fleet)
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'failed', error: { code: 'TM7075' } }])
})

test('jobs of a worker without a session are free again as soon as another worker starts', async () => {
  const { queue, fleet } = await open()
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  await watched.id
  await queue.query(
    "UPDATE tidemark_jobs._private_jobs SET locked_at = now(), locked_by = 'pool-dead', attempts = 1; UPDATE tidemark_jobs._private_job_queues SET locked_at = now(), locked_by = 'pool-dead'",
  )
  await startWorker(fleet)
  expect((await watched.result).outcomes).toMatchObject([{ kind: 'done' }])
})
