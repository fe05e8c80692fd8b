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
