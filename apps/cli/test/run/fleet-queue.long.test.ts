import { beforeAll, expect, test } from 'vitest'
import { FleetRolloutSchema } from '../../src/schema/fleet-schemas.ts'
import { buildWhenStale } from '../support/build-when-stale.ts'
import { killDuringRollout, openQueueProject } from '../support/fleet-workers.ts'

beforeAll(buildWhenStale)

const ONCE = {
  'migrations/001_once.sql':
    '-- Migration: 001_once\n-- Type: custom_sql\n\n-- @up\nCREATE TABLE once (id int PRIMARY KEY);\nINSERT INTO public.ran SELECT current_schema();\nSELECT pg_sleep(0.1);\n',
}

test('500 targets, four workers, 50 of them killed: every target is migrated once and no job is lost', async () => {
  const names = Array.from({ length: 500 }, (_, place) => `t${place}`)
  const queued = await openQueueProject(names, ONCE)
  await queued.database.query('CREATE TABLE public.ran (name text)')
  const { outcome, killed } = await killDuringRollout(queued, { workers: 4, kills: 50 })
  const { counts, ended } = FleetRolloutSchema.parse(JSON.parse(outcome.stdout))
  expect([killed, outcome.code, ended, counts.done]).toEqual([50, 0, 'complete', 500])
  expect(
    await queued.database.query(
      'SELECT count(*)::int AS runs, count(DISTINCT name)::int AS targets FROM public.ran',
    ),
  ).toEqual([{ runs: 500, targets: 500 }])
  expect(await queued.queue.query('SELECT id FROM tidemark_jobs.jobs')).toEqual([])
})
