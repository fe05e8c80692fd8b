import { expect, test } from 'vitest'
import { countOutcomes, createFleet } from '../../src/index.ts'
import { openDatabase, openFleet, readerOf, tenantsOf } from '../support.ts'
import { dumpQueue, startWorker, until, watch } from './support.ts'

const ONE = { '001_a': 'CREATE TABLE a (id int)' }
const DOWN = {
  '001_a':
    '-- Migration: 001_a\n-- Type: custom_sql\n\n-- @up\nCREATE TABLE a (id int);\n\n-- @down\nDROP TABLE a;\n',
  '002_b':
    '-- Migration: 002_b\n-- Type: custom_sql\n\n-- @up\nCREATE TABLE b (id int);\n\n-- @down\nDROP TABLE b;\n',
}

/** Targets with a schema each, and a queue. */
async function openBoth(names: readonly string[]) {
  const database = await openDatabase(names)
  const queue = await openDatabase()
  return { database, queue, targets: tenantsOf(database, names), url: queue.url }
}

test('workers migrate the targets of a rollout, wave after wave, and it is in the history of the queue', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const { database, targets, url } = await openBoth(names)
  const ringed = targets.map((one) => (one.name === 'd' ? { ...one, ring: 'canary' } : one))
  const fleet = openFleet(ONE, { targets: ringed, queue: url, waves: ['ring:canary', '100%'] })
  expect(await fleet.queue.list()).toEqual([])
  await startWorker(fleet)
  await startWorker(fleet)
  const watched = watch((onEvent) => fleet.up({ onEvent, reason: 'release 7' }))
  const { ended, outcomes, rolloutId } = await watched.result
  expect([ended, countOutcomes(outcomes)]).toEqual([
    'complete',
    { done: 6, current: 0, failed: 0, interrupted: 0, not_begun: 0 },
  ])
  expect(watched.events.slice(0, 4).map(({ kind }) => kind)).toEqual([
    'queued',
    'wave_started',
    'target_started',
    'target_finished',
  ])
  expect(outcomes[0]).toMatchObject({ name: 'd', wave: 'ring:canary', done: ['001_a'] })
  for (const name of names) {
    expect(
      await database.query(
        `SELECT details->>'reason' AS reason FROM "${name}".migration_history WHERE run_id = '${rolloutId}'`,
      ),
    ).toEqual([{ reason: 'release 7' }])
  }
  expect(await fleet.queue.list()).toMatchObject([
    { rolloutId, direction: 'up', state: 'complete', wave: 2, reason: 'release 7', failed: [] },
  ])
  const again = await fleet.up()
  expect(countOutcomes(again.outcomes).current).toBe(6)
})

test('a failing wave keeps the next from beginning, and what failed is in the result with its code', async () => {
  const { database, targets, url } = await openBoth(['x', 'y', 'z'])
  await database.query('CREATE TABLE y.a ()')
  const ringed = targets.map((one) => (one.name === 'y' ? { ...one, ring: 'canary' } : one))
  const fleet = openFleet(ONE, { targets: ringed, queue: url, waves: ['ring:canary', '100%'] })
  await startWorker(fleet)
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  const stopped = await watched.result
  expect(stopped.ended).toBe('stopped')
  expect(
    stopped.outcomes.map((one) => [one.name, one.kind === 'failed' ? one.error.code : one.kind]),
  ).toEqual([
    ['y', 'TM5004'],
    ['x', 'not_begun'],
    ['z', 'not_begun'],
  ])
  expect(watched.events.at(-1)).toEqual({ kind: 'stopped', failures: 1, allowed: 0, notBegun: 2 })
  await database.query('DROP TABLE y.a')
  expect(countOutcomes((await fleet.up()).outcomes).done).toBe(3)
})

test('the next wave waits for the pause, and its jobs are for then', async () => {
  const { targets, queue, url } = await openBoth(['a', 'b'])
  const fleet = openFleet(ONE, { targets, queue: url, waves: ['50%', '100%'], pause: '1h' })
  await startWorker(fleet)
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  await until(async () => watched.events.some(({ kind }) => kind === 'pausing'))
  expect(watched.events.at(-1)).toMatchObject({ kind: 'pausing', next: '100%' })
  const later = `SELECT payload->>'target' AS target, run_at > now() + interval '50 minutes' AS later
    FROM tidemark_jobs._private_jobs`
  expect(await queue.query(later)).toEqual([{ target: 'b', later: true }])
  // Going on keeps what is left of the pause.
  const rolloutId = await watched.id
  await fleet.queue.pause(rolloutId)
  await fleet.queue.resume(rolloutId)
  expect(await queue.query(`${later} WHERE payload->>'target' IS NOT NULL`)).toEqual([
    { target: 'b', later: true },
  ])
  await fleet.queue.cancel(rolloutId)
  expect(await queue.query(`${later} WHERE payload->>'target' IS NOT NULL`)).toEqual([])
  expect((await watched.result).outcomes.map(({ kind }) => kind)).toEqual(['done', 'not_begun'])
})

test('a target that fails stops no other as long as as many may fail', async () => {
  const { database, targets, url } = await openBoth(['a', 'b', 'c'])
  await database.query('CREATE TABLE a.a ()')
  const elsewhere = [...targets, { name: 'wrong', database: 'mysql://x@y/z' }]
  const fleet = openFleet(ONE, { targets: elsewhere, queue: url, maxFailures: 2 })
  await startWorker(openFleet(ONE, { targets: elsewhere.filter(({ name }) => name !== 'c'), queue: url }))
  const { ended, outcomes } = await fleet.up({ only: ['a', 'b', 'c'] })
  expect([ended, outcomes.map((one) => (one.kind === 'failed' ? one.error.code : one.kind))]).toEqual([
    'complete',
    ['TM5004', 'done', 'TM7072'],
  ])
  const wrong = await fleet.up({ only: ['wrong'] })
  expect(wrong.outcomes.map((one) => one.kind === 'failed' && one.error.code)).toEqual(['TM7070'])
})

test('a worker with other files leaves a rollout to others and says so', async () => {
  const { targets, url } = await openBoth(['a'])
  const fleet = openFleet(ONE, { targets, queue: url })
  const other = await startWorker(
    openFleet({ '001_a': 'CREATE TABLE other (id int)' }, { targets, queue: url }),
  )
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  expect(await other.next('left')).toEqual({
    kind: 'left',
    rolloutId: await watched.id,
    reason: 'other_files',
  })
  await startWorker(fleet)
  expect(countOutcomes((await watched.result).outcomes).done).toBe(1)
  expect(other.events.filter(({ kind }) => kind === 'target_started')).toEqual([])
})

test('only a worker that may roll back does, and it executes what was shown', async () => {
  const { database, targets, url } = await openBoth(['a', 'b'])
  const local = openFleet(DOWN, { targets })
  await local.up()
  const fleet = openFleet(DOWN, { targets, queue: url, maxFailures: 1 })
  const careful = await startWorker(fleet)
  // After the plan is made, and before any worker takes it, one of them changes.
  const watched = watch((onEvent) => fleet.down({ onEvent }))
  expect(await careful.next('left')).toMatchObject({ rolloutId: await watched.id, reason: 'down' })
  await local.down({ only: ['b'] })
  await startWorker(fleet, { allowDown: true })
  const { outcomes } = await watched.result
  expect(outcomes.map((one) => (one.kind === 'failed' ? one.error.code : one.kind))).toEqual([
    'done',
    'TM4006',
  ])
  expect(
    await database.query(
      "SELECT schemaname || '.' || tablename AS t FROM pg_tables WHERE tablename IN ('a', 'b') ORDER BY 1",
    ),
  ).toEqual([{ t: 'a.a' }, { t: 'b.a' }])
})

test('pause lets nothing more begin, resume goes on, and cancel ends it', async () => {
  const names = ['a', 'b', 'c', 'd']
  const { database, targets, url } = await openBoth(names)
  await database.query('CREATE TABLE public.gate (); CREATE TABLE public.seen (name text)')
  // Each waits until the gate is opened.
  const files = {
    '001_a': 'INSERT INTO public.seen VALUES (current_schema()); LOCK public.gate IN ACCESS SHARE MODE',
  }
  const fleet = openFleet(files, { targets, queue: url, concurrency: 1 })
  const { connectToServer } = await import('@tidemark/pg-driver/engine')
  const holder = await connectToServer({ url: database.url, applicationName: 'gate', timeoutMs: 10_000 })
  const close = () => holder.query('BEGIN; LOCK public.gate')
  await close()
  const worker = await startWorker(fleet)
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  await worker.next('target_started')
  const paused = await fleet.queue.pause()
  expect([paused.rolloutId, paused.state]).toEqual([await watched.id, 'paused'])
  await holder.query('COMMIT')
  await until(async () => (await fleet.queue.list()).some(({ counts }) => counts.done === 1))
  expect(await database.query('SELECT count(*)::int AS n FROM public.seen')).toEqual([{ n: 1 }])
  await close()
  const started = worker.events.filter(({ kind }) => kind === 'target_started').length
  await until(async () => watched.events.some(({ kind }) => kind === 'paused'))
  await fleet.queue.resume((await watched.id).slice(0, 8))
  await until(async () => watched.events.some(({ kind }) => kind === 'resumed'))
  await until(async () => worker.events.filter(({ kind }) => kind === 'target_started').length > started)
  await fleet.queue.cancel()
  await holder.query('COMMIT')
  const { ended, outcomes } = await watched.result
  expect(ended).toBe('cancelled')
  expect(countOutcomes(outcomes)).toMatchObject({ done: 2, not_begun: 2 })
  expect(watched.events.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['paused', 'resumed']))
  await expect(fleet.queue.resume()).rejects.toMatchObject({ code: 'TM7074' })
  await expect(fleet.queue.resume(await watched.id)).rejects.toMatchObject({
    code: 'TM7074',
    message: `the rollout "${await watched.id}" is over: it is cancelled`,
  })
  await holder.close()
})

test('watching can end before the rollout does, and begin again', async () => {
  const { targets, url } = await openBoth(['a'])
  const fleet = openFleet(ONE, { targets, queue: url })
  const stop = new AbortController()
  const watched = watch((onEvent) => fleet.up({ onEvent, signal: stop.signal }))
  const rolloutId = await watched.id
  stop.abort()
  expect(await watched.result).toMatchObject({ ended: 'detached', outcomes: [{ kind: 'not_begun' }] })
  await startWorker(fleet)
  expect(await fleet.queue.attach(rolloutId)).toMatchObject({
    ended: 'complete',
    outcomes: [{ kind: 'done' }],
  })
})

test('watching ends with an error when the queue is lost, and the rollout stays in it', async () => {
  const { database, queue, targets, url } = await openBoth(['a'])
  const fleet = openFleet(ONE, { targets, queue: url })
  const watched = watch((onEvent) => fleet.up({ onEvent }))
  const lost = expect(watched.result).rejects.toMatchObject({ code: 'TM5007' })
  const rolloutId = await watched.id
  await database.query(
    `ALTER DATABASE ${queue.name} ALLOW_CONNECTIONS false;
     SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '${queue.name}' AND application_name = 'tidemark fleet'`,
  )
  await lost
  await database.query(`ALTER DATABASE ${queue.name} ALLOW_CONNECTIONS true`)
  await startWorker(fleet)
  expect(await fleet.queue.attach(rolloutId)).toMatchObject({ ended: 'complete' })
})

test('the targets of one server that run at a time are as many as may, in all workers', async () => {
  const names = Array.from({ length: 16 }, (_, place) => `t${place}`)
  const { database, targets, url } = await openBoth(names)
  await database.query('CREATE TABLE public.busy (); CREATE TABLE public.seen (at_a_time int)')
  const files = {
    '001_a': `LOCK public.busy IN ACCESS SHARE MODE;
      INSERT INTO public.seen SELECT count(*) FROM pg_locks WHERE relation = 'public.busy'::regclass;
      SELECT pg_sleep(0.05)`,
  }
  const fleet = openFleet(files, { targets, queue: url, perServer: 2 })
  for (let worker = 0; worker < 3; worker += 1) await startWorker(fleet, { concurrency: 4 })
  expect(countOutcomes((await fleet.up()).outcomes).done).toBe(16)
  expect(await database.query('SELECT max(at_a_time) <= 2 AS is FROM public.seen')).toEqual([{ is: true }])
})

test('a fleet without a queue says so, whatever is asked of it', async () => {
  const { queue } = createFleet({ migrations: readerOf(ONE), targets: [] })
  for (const ask of [queue.work, queue.attach, queue.cancel, queue.pause, queue.resume, queue.list])
    await expect(ask()).rejects.toMatchObject({ code: 'TM7073' })
})

test('a job holds the id of its rollout and the name of its target, and nothing in the queue a URL', async () => {
  const { queue, url } = await openBoth(['a'])
  const secret = 's3cr%2Fet%3A%40%25%22%27%5C%20%24(x)'
  const database = `postgres://app:${secret}@db.internal/shop?application_name=x`
  const fleet = openFleet(ONE, { targets: [{ name: 'a', database, directUrl: database }], queue: url })
  const stop = new AbortController()
  const watched = watch((onEvent) => fleet.up({ onEvent, signal: stop.signal }))
  const rollout = await watched.id
  expect(await queue.query('SELECT payload FROM tidemark_jobs._private_jobs')).toEqual([
    { payload: { rollout, target: 'a' } },
  ])
  const dump = await dumpQueue(queue)
  for (const hidden of [secret, decodeURIComponent(secret), 's3cr', 'postgres://', 'db.internal'])
    expect(dump).not.toContain(hidden)
  stop.abort()
  await watched.result
})

test('a rollout without targets is complete', async () => {
  const queue = await openDatabase()
  const fleet = openFleet(ONE, { targets: [], queue: queue.url })
  await startWorker(fleet)
  expect(await fleet.up()).toMatchObject({ ended: 'complete', outcomes: [] })
})
