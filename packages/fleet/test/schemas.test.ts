import { expect, test } from 'vitest'
import { countOutcomes } from '../src/index.ts'
import { openDatabase, openFleet, tenantsOf } from './support.ts'

const FILES = {
  '001_orders': 'CREATE TABLE orders (id int); INSERT INTO orders VALUES (1)',
  '002_more': 'ALTER TABLE orders ADD COLUMN note text',
}

test('one folder is applied to every schema of a database, over few connections', async () => {
  const names = Array.from({ length: 12 }, (_, place) => `tenant_${place}`)
  const database = await openDatabase(names)
  const fleet = openFleet(FILES, { targets: tenantsOf(database, names), perServer: 2 })
  const result = await fleet.up({ reason: 'release 7' })
  expect(result.outcomes.filter(({ kind }) => kind === 'failed')).toEqual([])
  expect(countOutcomes(result.outcomes)).toEqual({
    done: 12,
    current: 0,
    failed: 0,
    interrupted: 0,
    not_begun: 0,
  })
  for (const name of names) {
    expect(await database.query(`SELECT id, note FROM ${name}.orders`)).toEqual([{ id: 1, note: null }])
    expect(
      await database.query(
        `SELECT count(*)::int AS runs FROM ${name}.migration_history WHERE run_id = '${result.rolloutId}'`,
      ),
    ).toEqual([{ runs: 2 }])
  }
  expect(
    await database.query(`SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace`),
  ).toEqual([])
  const again = await fleet.up()
  expect(countOutcomes(again.outcomes).current).toBe(12)
  const { rollouts, failed } = await fleet.history()
  expect(failed).toEqual([])
  expect(rollouts.map(({ rolloutId, targets, reason }) => [rolloutId, targets.length, reason])).toEqual([
    [result.rolloutId, 12, 'release 7'],
  ])
})

test('targets that have only a search path have their records in the first schema of it', async () => {
  const names = ['tenant_a', 'tenant_b']
  const database = await openDatabase(names)
  const targets = names.map((name) => ({ name, database: database.url, searchPath: [name, 'public'] }))
  const { outcomes } = await openFleet(FILES, { targets, schema: 'public' }).up()
  expect(countOutcomes(outcomes).done).toBe(2)
  for (const name of names) expect(await database.query(`SELECT id FROM ${name}.orders`)).toEqual([{ id: 1 }])
})

test('what a file leaves in its session does not reach the next target', async () => {
  const names = ['tenant_a', 'tenant_b', 'tenant_c']
  const database = await openDatabase(names)
  const leaves = `PREPARE mine AS SELECT 1;
    SET statement_timeout = '7s';
    SET ROLE pg_monitor;
    RESET ROLE;
    DECLARE kept CURSOR WITH HOLD FOR SELECT 1;
    CREATE TEMPORARY TABLE scratch (id int) ON COMMIT PRESERVE ROWS;
    LISTEN somewhere;
    SELECT pg_advisory_lock(42);
    CREATE TABLE seen AS SELECT name, setting FROM pg_settings WHERE name IN ('statement_timeout', 'search_path')`
  const fleet = openFleet(
    { '001_leaves': leaves, '002_drops': 'DEALLOCATE ALL; CREATE TABLE last (id int)' },
    { targets: tenantsOf(database, names), perServer: 1 },
  )
  const { outcomes } = await fleet.up()
  expect(outcomes.map((one) => (one.kind === 'failed' ? one.error.message : one.kind))).toEqual([
    'done',
    'done',
    'done',
  ])
  for (const name of names) {
    expect(await database.query(`SELECT name, setting FROM ${name}.seen ORDER BY name`)).toEqual([
      { name: 'search_path', setting: `"${name}", "public"` },
      { name: 'statement_timeout', setting: '7000' },
    ])
  }
})
