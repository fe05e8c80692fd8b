import { findFreePort } from '@tidemark/test-servers'
import { expect, onTestFinished, test } from 'vitest'
import { countOutcomes, type FleetEvent, groupByVersion, groupPlans } from '../src/index.ts'
import { openDatabase, openFleet, tenantsOf } from './support.ts'

const ONE = { '001_a': 'CREATE TABLE a (id int)' }
const TWO = { ...ONE, '002_b': 'CREATE TABLE b (id int)' }

test('each target that cannot be migrated is reported by name, and the others are done', async () => {
  const database = await openDatabase(['good', 'ahead', 'drifted', 'broken', 'last'])
  const tenants = (names: readonly string[]) => tenantsOf(database, names)
  await openFleet(TWO, { targets: tenants(['ahead']) }).up()
  await openFleet({ '001_a': 'CREATE TABLE a (id bigint)' }, { targets: tenants(['drifted']) }).up()
  await database.query('CREATE TABLE broken.a (id int)')
  const port = await findFreePort()
  const wrongPassword = new URL(database.url)
  wrongPassword.username = 'nobody_here'
  wrongPassword.password = 's3cr%25t/%40:%27%22%5C'
  const fleet = openFleet(ONE, {
    maxFailures: 100,
    targets: [
      ...tenants(['good', 'ahead', 'drifted', 'broken', 'missing']),
      { name: 'wrong URL', database: 'mysql://app:hidden@db/x' },
      { name: 'server down', database: `postgres://app:hidden@127.0.0.1:${port}/x` },
      { name: 'wrong password', database: wrongPassword.href },
      { name: 'twice', database: database.url },
      { name: 'twice', database: database.url },
      ...tenants(['last']),
    ],
  })
  const { outcomes, ended } = await fleet.up()
  expect(ended).toBe('complete')
  expect(
    outcomes.map((one) => `${one.name}: ${one.kind === 'failed' ? one.error.code : one.kind}`).sort(),
  ).toEqual([
    'ahead: current',
    'broken: TM5004',
    'drifted: TM4001',
    'good: done',
    'last: done',
    'missing: TM7041',
    'server down: TM5001',
    'twice: TM7070',
    'wrong URL: TM7070',
    'wrong password: TM5001',
  ])
  const shown = JSON.stringify(
    outcomes.map((one) =>
      one.kind === 'failed' ? [one.error.message, one.error.help, one.error.details] : [],
    ),
  )
  expect(shown).not.toMatch(/hidden|s3cr/)

  const statuses = await fleet.status()
  expect(statuses.map(({ name, kind }) => `${name}: ${kind}`).sort()).toEqual([
    'ahead: ahead',
    'broken: pending',
    'drifted: changed',
    'good: current',
    'last: current',
    'missing: failed',
    'server down: failed',
    'twice: failed',
    'wrong URL: failed',
    'wrong password: failed',
  ])
  expect(groupByVersion(statuses).find(({ kind }) => kind === 'current')).toEqual({
    kind: 'current',
    version: '001_a',
    pending: 0,
    targets: ['good', 'last'],
  })
  const groups = groupPlans(await fleet.plan())
  expect(groups.map(({ kind, targets }) => [kind, [...targets].sort()])).toEqual([
    ['nothing', ['ahead', 'good', 'last']],
    ['refused', ['drifted']],
    ['steps', ['broken']],
  ])
  await database.query('DROP TABLE broken.a')
  const again = await fleet.up({ retryFailed: true })
  expect(again.outcomes.filter(({ kind }) => kind === 'done').map(({ name }) => name)).toEqual(['broken'])
})

test('more failures than may stop what has not begun, and a second run finishes', async () => {
  const names = ['a', 'b', 'c', 'd', 'e', 'f']
  const database = await openDatabase(names)
  for (const name of ['b', 'd']) await database.query(`CREATE TABLE ${name}.a ()`)
  const events: FleetEvent[] = []
  const options = { targets: tenantsOf(database, names), concurrency: 1, maxFailures: 1 }
  const fleet = openFleet(ONE, options)
  const { ended, outcomes } = await fleet.up({ onEvent: (event) => events.push(event) })
  expect([ended, countOutcomes(outcomes)]).toEqual([
    'stopped',
    { done: 2, current: 0, failed: 2, interrupted: 0, not_begun: 2 },
  ])
  expect(events.at(-1)).toEqual({ kind: 'stopped', failures: 2, allowed: 1, notBegun: 2 })
  for (const name of ['b', 'd']) await database.query(`DROP TABLE ${name}.a`)
  expect(countOutcomes((await fleet.up()).outcomes)).toMatchObject({ done: 4, current: 2 })
})

test('waves run one after the other, and a failing wave keeps the next from beginning', async () => {
  const database = await openDatabase(['x', 'y', 'z'])
  await database.query('CREATE TABLE y.a ()')
  const targets = tenantsOf(database, ['x', 'y', 'z']).map((one) =>
    one.name === 'y' ? { ...one, ring: 'canary' } : one,
  )
  const fleet = openFleet(ONE, { targets, waves: ['ring:canary', '100%'] })
  const stopped = await fleet.up()
  expect(stopped.outcomes.map(({ name, wave, kind }) => [name, wave, kind])).toEqual([
    ['y', 'ring:canary', 'failed'],
    ['x', '100%', 'not_begun'],
    ['z', '100%', 'not_begun'],
  ])
  await database.query('DROP TABLE y.a')
  const only = await fleet.up({ waves: ['ring:canary'] })
  expect(only.outcomes.map(({ name, kind }) => [name, kind])).toEqual([['y', 'done']])
})

test('a target that is locked is given up by its own limit, and the others go on', async () => {
  const database = await openDatabase(['held', 'free'])
  const { lockKey } = await import('@tidemark/pg-driver')
  const holder = await import('@tidemark/pg-driver/engine').then(({ connectToServer }) =>
    connectToServer({ url: database.url, applicationName: 'holder', timeoutMs: 10_000 }),
  )
  await holder.query(`SELECT pg_advisory_lock(${lockKey('held')})`)
  const { outcomes } = await openFleet(ONE, {
    targets: tenantsOf(database, ['held', 'free']),
    lockWait: 100,
    maxFailures: 1,
  }).up()
  expect(outcomes.map((one) => [one.name, one.kind === 'failed' ? one.error.code : one.kind])).toEqual([
    ['held', 'TM5003'],
    ['free', 'done'],
  ])
  await holder.close()
})

test('a signal ends what runs and lets nothing more begin', async () => {
  const names = ['a', 'b', 'c']
  const database = await openDatabase(names)
  const stop = new AbortController()
  const { ended, outcomes } = await openFleet(
    { '001_a': 'SELECT pg_sleep(600)' },
    { targets: tenantsOf(database, names), concurrency: 1 },
  ).up({
    signal: stop.signal,
    onEvent: ({ kind }) => {
      if (kind === 'target_started') setTimeout(() => stop.abort(), 300)
    },
  })
  expect([ended, outcomes.map(({ kind }) => kind)]).toEqual([
    'interrupted',
    ['interrupted', 'not_begun', 'not_begun'],
  ])
})

test('many targets at a time listen to one signal without a warning', async () => {
  const names = Array.from({ length: 30 }, (_, place) => `tenant_${place}`)
  const database = await openDatabase(names)
  const warnings: string[] = []
  const listen = ({ name }: Error) => warnings.push(name)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  const fleet = openFleet(ONE, { targets: tenantsOf(database, names), concurrency: 30, perServer: 30 })
  const { signal } = new AbortController()
  expect(countOutcomes((await fleet.up({ signal })).outcomes).done).toBe(30)
  expect(await fleet.status({ signal })).toHaveLength(30)
  expect(warnings).toEqual([])
})

test('a listener that throws is warned of once, and changes nothing', async () => {
  const database = await openDatabase(['a', 'b'])
  const warnings: string[] = []
  const listen = ({ message }: Error) => warnings.push(message)
  process.on('warning', listen)
  onTestFinished(() => void process.off('warning', listen))
  const { outcomes } = await openFleet(ONE, { targets: tenantsOf(database, ['a', 'b']) }).up({
    onEvent: () => {
      throw new Error('no pipe')
    },
  })
  expect(countOutcomes(outcomes).done).toBe(2)
  expect(warnings).toEqual(['onEvent failed, and the run goes on without it: no pipe'])
})
