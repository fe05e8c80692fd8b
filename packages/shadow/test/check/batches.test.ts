import { expect, test } from 'vitest'
import { checkMigrations } from '../../src/index.ts'
import { pglite, useServer } from '../support/engines.ts'
import { migrationOf } from '../support/migrations.ts'

const server = useServer()

const PROJECT = [
  migrationOf('001_orders', {
    up: 'CREATE TABLE orders (id uuid PRIMARY KEY, n int, total int); INSERT INTO orders SELECT gen_random_uuid(), n FROM generate_series(1, 10) n;',
    down: 'DROP TABLE orders;',
  }),
  migrationOf('002_fill', {
    dependsOn: ['001_orders'],
    batches: 'orders by id, size 3',
    up: 'UPDATE orders SET total = n * 2 WHERE id BETWEEN $1 AND $2 AND total IS NULL;',
    down: 'UPDATE orders SET total = NULL WHERE id BETWEEN $1 AND $2;',
  }),
  migrationOf('003_required', {
    dependsOn: ['002_fill'],
    up: 'ALTER TABLE orders ALTER total SET NOT NULL;',
    down: 'ALTER TABLE orders ALTER total DROP NOT NULL;',
  }),
]

test.each([server, pglite])('a file in batches is checked like any other on $name', async (engine) => {
  const report = await checkMigrations({ migrations: PROJECT, open: engine.open })
  // The @down empties also the totals that were there before the @up.
  expect(report.findings.map(({ rule, migrationId }) => `${rule} ${migrationId}`)).toEqual([
    'down-loses-data 002_fill',
  ])
  expect(report.gaps).toEqual([])
  expect(report.reversibility?.map(({ migrationId, verdict }) => `${migrationId} ${verdict}`)).toEqual([
    '001_orders exact',
    '002_fill loses_data',
    '003_required exact',
  ])
  expect(
    report.statements?.map(({ migrationId, statements }) => `${migrationId} ${statements.length}`),
  ).toEqual(['001_orders 2', '002_fill 1', '003_required 1'])
})

test('a statement that a batch could not run is found', async () => {
  const [orders] = PROJECT
  if (orders === undefined) throw new TypeError('no migration')
  const broken = migrationOf('002_fill', {
    dependsOn: ['001_orders'],
    batches: 'orders by id',
    up: 'UPDATE orders SET nope = 1 WHERE id BETWEEN $1 AND $2;',
  })
  const report = await checkMigrations({ migrations: [orders, broken], open: server.open })
  expect(report.findings.map(({ rule, migrationId }) => `${rule} ${migrationId}`)).toEqual([
    'does-not-run 002_fill',
  ])
  expect(report.findings[0]?.error).toMatchObject({ details: { sqlState: '42703' } })
})
