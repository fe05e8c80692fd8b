import { readdir } from 'node:fs/promises'
import { findFreePort } from '@tidemark/test-servers'
import { beforeAll, expect, test } from 'vitest'
import {
  FleetHistorySchema,
  FleetQueuedSchema,
  FleetRolloutSchema,
  FleetStatusSchema,
} from '../../src/schema/fleet-schemas.ts'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { killDuringRollout, openQueueProject, startWorkerProcess } from '../support/fleet-workers.ts'
import { openProject, SHOP } from '../support/project.ts'

beforeAll(buildWhenStale)

const ONCE = {
  'migrations/001_once.sql':
    '-- Migration: 001_once\n-- Type: custom_sql\n\n-- @up\nCREATE TABLE once (id int PRIMARY KEY);\nINSERT INTO public.ran SELECT current_schema();\nSELECT pg_sleep(0.02);\n',
}

test('workers, a rollout, its history and its end: as a person runs them', async () => {
  const queued = await openQueueProject(['acme', 'zen'], SHOP)
  const { project } = queued
  const worker = await startWorkerProcess(queued)
  const up = await project.run(['fleet', 'up', '--reason', 'release 7'])
  expect(up.code).toBe(0)
  expect(up.stdout).toMatch(/^fleet {2}2 targets: 2 migrated/)
  expect(up.stderr).toMatch(/^rollout \S+ is in the queue: 2 targets; Ctrl-C ends only the watching\n/)
  expect(up.stderr).toContain(' ✓ acme  3 migrations')
  const history = await project.run(['fleet', 'history', '--json'])
  const { queue, rollouts } = FleetHistorySchema.parse(JSON.parse(history.stdout))
  expect(queue.map(({ state, reason, counts }) => [state, reason, counts.done])).toEqual([
    ['complete', 'release 7', 2],
  ])
  expect(rollouts.map(({ rolloutId }) => rolloutId)).toEqual(queue.map(({ rolloutId }) => rolloutId))
  expect((await project.run(['fleet', 'history'])).stdout).toContain('\n\nqueue  1 rollout\n complete  ')
  expect((await project.run(['fleet', 'up', '--attach'])).stderr).toContain(
    'error TM7074: no rollout of the queue is open',
  )
  expect(await worker.end('SIGTERM')).toBe(143)
  expect(worker.events.at(-1)).toEqual({ event: 'ending', running: 0 })
  expect(worker.stderr()).toBe('')
})

test('a rollout that no worker takes is open until it is cancelled, and paused and resumed meanwhile', async () => {
  const queued = await openQueueProject(['acme'], SHOP)
  const { project } = queued
  const up = project.run(['fleet', 'up', '--json-lines'])
  const status = async () =>
    FleetStatusSchema.parse(JSON.parse((await project.run(['fleet', 'status', '--json'])).stdout))
  while ((await status()).queue.length === 0);
  const [open] = (await status()).queue
  const paused = await project.run(['fleet', 'up', '--pause', '--json'])
  expect(FleetQueuedSchema.parse(JSON.parse(paused.stdout))).toMatchObject({
    rolloutId: open?.rolloutId,
    state: 'paused',
  })
  const id = open?.rolloutId ?? ''
  expect((await project.run(['fleet', 'up', '--resume', id.slice(0, 8)])).stdout).toMatch(
    / running {2}\S+ up {2}1 not begun {2}/,
  )
  expect((await project.run(['fleet', 'cancel', id])).code).toBe(0)
  const ended = await up
  expect(ended.code).toBe(3)
  expect(FleetRolloutSchema.parse(withoutEvent(ended.stdout))).toMatchObject({ ended: 'cancelled' })
  expect((await project.run(['fleet', 'cancel', id])).stderr).toContain('is over: it is cancelled')
})

function withoutEvent(lines: string): unknown {
  const { event: _, ...rollout }: Record<string, unknown> = JSON.parse(lines.trim().split('\n').at(-1) ?? '')
  return rollout
}

test('no password is in the queue or in any output, and code in the folder of a worker is not executed', async () => {
  const port = await findFreePort()
  const password = 's3cr/et:@%"\'\\ $(x)'
  const encoded = encodeURIComponent(password)
  const down = { name: 'down', database: `postgres://app:${encoded}@127.0.0.1:${port}/x` }
  const queued = await openQueueProject(['acme'], SHOP, { targets: [down], fleet: { maxFailures: 5 } })
  const { project, queue } = queued
  const trap = "require('node:fs').writeFileSync('executed', '')"
  for (const name of ['.graphile-workerrc.js', 'graphile-worker.config.js', 'graphile-worker.config.cjs'])
    await project.write(name, trap)
  await project.write('crontab', 'not a crontab')
  const worker = await startWorkerProcess(queued)
  const up = await project.run(['fleet', 'up'])
  expect(up.code).toBe(1)
  expect(up.stdout).toContain(' ✗ down  TM5001  cannot connect to app@127.0.0.1')
  const dump = await dumpQueue(queue)
  expect(dump).toContain('TM5001')
  const shown = [dump, up.stdout, up.stderr, JSON.stringify(worker.events), worker.stderr()]
  for (const secret of [password, encoded, 's3cr', 'postgres://'])
    expect(shown.filter((text) => text.includes(secret))).toEqual([])
  expect(await readdir(project.folder)).not.toContain('executed')
})

/** Everything in the tables of the queue. */
async function dumpQueue(queue: {
  query<Row extends object>(text: string): Promise<readonly Row[]>
}): Promise<string> {
  const tables = await queue.query<{ name: string }>(
    "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace::regnamespace::text LIKE 'tidemark%' AND c.relkind = 'r'",
  )
  const rows = await Promise.all(
    tables.map(({ name }) => queue.query(`SELECT t::text AS row FROM ${name} t`)),
  )
  return JSON.stringify(rows)
}

test('workers that are killed lose nothing: every target is migrated once', async () => {
  const names = Array.from({ length: 30 }, (_, place) => `t${place}`)
  const queued = await openQueueProject(names, ONCE)
  await queued.database.query('CREATE TABLE public.ran (name text)')
  const { outcome } = await killDuringRollout(queued, { workers: 3, kills: 3 })
  const { counts, ended } = FleetRolloutSchema.parse(JSON.parse(outcome.stdout))
  expect([outcome.code, ended, counts.done]).toEqual([0, 'complete', 30])
  expect(
    await queued.database.query(
      'SELECT count(*)::int AS runs, count(DISTINCT name)::int AS targets FROM public.ran',
    ),
  ).toEqual([{ runs: 30, targets: 30 }])
  expect(await queued.queue.query('SELECT id FROM tidemark_jobs.jobs')).toEqual([])
})

test('what needs a queue says so without one, and what an action passes over is refused', async () => {
  const project = await openProject({ ...SHOP, 'tidemark.config.json': '{"fleet":{"targets":[]}}' })
  for (const args of [['work'], ['cancel'], ['up', '--attach'], ['up', '--pause'], ['up', '--resume']]) {
    const { code, stderr } = await project.run(['fleet', ...args])
    expect([code, stderr.split('\n')[0]]).toEqual([
      2,
      'error TM7073: the fleet has no queue: workers, --attach, --pause, --resume and cancel need one',
    ])
  }
  for (const args of [
    ['up', 'acme'],
    ['status', '--attach'],
    ['up', '--allow-down'],
    ['down', '--pause'],
    ['work', '--only', 'acme'],
    ['up', '--attach', '--reason', 'x'],
    ['cancel', '--tag', 'eu'],
  ]) {
    const { code, stderr } = await project.run(['fleet', ...args])
    expect([code, /TM\d{4}/.exec(stderr)?.[0]]).toEqual([2, 'TM7008'])
  }
})
