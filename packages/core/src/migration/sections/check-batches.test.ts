import { expect, test } from 'vitest'
import { parseMigration } from '../parse-migration.ts'

function problems(up: string, more: { header?: string; down?: string; verify?: string } = {}): string[] {
  const { header = '', down = '', verify = '' } = more
  const text = `-- Batches: orders by id\n${header}-- @up\n${up}\n${down && `-- @down\n${down}\n`}${verify && `-- @verify\n${verify}\n`}`
  const parsed = parseMigration({ path: '001_a.sql', text })
  const found = parsed.ok ? parsed.value.notes : parsed.error
  return found.map(({ code, message }) => `${code} ${message}`)
}

test('a statement that uses both bounds is what a batch runs', () => {
  expect(problems('UPDATE orders SET a = 1 WHERE id BETWEEN $1 AND $2;')).toEqual([])
  expect(problems('DELETE FROM orders WHERE id >= $1 AND id <= $2;')).toEqual([])
  expect(
    problems(
      'WITH gone AS (DELETE FROM orders WHERE id BETWEEN $1 AND $2 RETURNING *) INSERT INTO archive SELECT * FROM gone;',
    ),
  ).toEqual([])
  expect(
    problems(
      'MERGE INTO orders o USING fix f ON o.id = f.id AND o.id BETWEEN $1 AND $2 WHEN MATCHED THEN DELETE;',
    ),
  ).toEqual([])
})

test('each statement that a batch cannot run is one diagnostic', () => {
  expect(problems('SELECT count(*) FROM orders WHERE id BETWEEN $1 AND $2;')).toEqual([
    'TM1042 SELECT cannot run in batches',
  ])
  expect(problems('WITH a AS (SELECT $1, $2) SELECT * FROM orders;')).toEqual([
    'TM1042 WITH cannot run in batches',
  ])
  expect(problems('CREATE INDEX CONCURRENTLY a ON orders (id);')).toEqual([
    'TM1042 CREATE INDEX cannot run in batches',
  ])
  expect(problems('ALTER TABLE orders ADD a int;')).toEqual(['TM1042 ALTER TABLE cannot run in batches'])
  expect(problems('COMMIT;')).toEqual(['TM1042 COMMIT cannot run in batches'])
})

test('both bounds must be used, and there is no third', () => {
  expect(problems('UPDATE orders SET a = 1;')).toEqual(['TM1043 the statement does not use $1 and $2'])
  expect(problems('UPDATE orders SET a = 1 WHERE id > $1;')).toEqual(['TM1043 the statement does not use $2'])
  expect(problems("UPDATE orders SET a = '$2' WHERE id > $1 -- $2\n;")).toEqual([
    'TM1043 the statement does not use $2',
  ])
  expect(problems('UPDATE orders SET a = $3 WHERE id BETWEEN $1 AND $2;')).toEqual([
    'TM1043 "$3" is not a bound of a batch: there are only $1 and $2',
  ])
})

test('a table that the statement does not use is a warning', () => {
  expect(problems('UPDATE customers SET a = 1 WHERE id BETWEEN $1 AND $2;')).toEqual([
    'TM1044 the statement does not use the table orders of "Batches"',
  ])
})

test('a statement that changes the key is refused, wherever it is assigned', () => {
  const changed = ['TM1045 the statement changes "id", by which the table is walked']
  expect(problems('UPDATE orders SET a = 1, id = id + 1 WHERE id BETWEEN $1 AND $2;')).toEqual(changed)
  expect(
    problems('UPDATE ONLY public.orders AS o SET (a, "id") = (1, 2) WHERE id BETWEEN $1 AND $2;'),
  ).toEqual(changed)
  expect(
    problems(
      'WITH x AS (UPDATE orders SET id = -id WHERE id BETWEEN $1 AND $2 RETURNING 1) INSERT INTO t SELECT * FROM x;',
    ),
  ).toEqual(changed)
  expect(
    problems(
      'MERGE INTO orders o USING f ON o.id = f.id AND o.id BETWEEN $1 AND $2 WHEN MATCHED THEN UPDATE SET id = f.new;',
    ),
  ).toEqual(changed)
  expect(
    problems(
      'INSERT INTO orders SELECT * FROM old WHERE id BETWEEN $1 AND $2 ON CONFLICT (id) DO UPDATE SET id = 0;',
    ),
  ).toEqual(changed)
  expect(
    problems('UPDATE orders SET a = (SELECT max(id) FROM x WHERE b = id) WHERE id BETWEEN $1 AND $2;'),
  ).toEqual([])
  expect(problems('UPDATE other SET id = o.id FROM orders o WHERE o.id BETWEEN $1 AND $2;')).toEqual([])
})

test('what cannot be beside it is named', () => {
  const up = 'UPDATE orders SET a = 1 WHERE id BETWEEN $1 AND $2;'
  expect(problems(up, { header: '-- Transaction: none\n' })).toEqual([
    'TM1041 "Batches" cannot be used with "Transaction: none"',
  ])
  expect(problems(up, { header: '-- Run: on_change\n-- Replaces: [000_x]\n' })).toEqual([
    'TM1041 "Batches" cannot be used with "Run: on_change" and "Replaces"',
  ])
})

test('@down is batched where it uses the bounds, and an ordinary one where not', () => {
  const up = 'UPDATE orders SET a = 1 WHERE id BETWEEN $1 AND $2;'
  expect(problems(up, { down: 'UPDATE orders SET a = NULL WHERE id BETWEEN $1 AND $2;' })).toEqual([])
  expect(problems(up, { down: 'ALTER TABLE orders DROP a;' })).toEqual([])
  expect(
    problems(up, {
      down: 'UPDATE orders SET a = 2 WHERE id > $1; DELETE FROM b WHERE id BETWEEN $1 AND $2;',
    }),
  ).toEqual([
    'TM1043 the statement does not use $2',
    'TM1044 the statement does not use the table orders of "Batches"',
  ])
})

test('@verify runs once, and has no bounds', () => {
  const up = 'UPDATE orders SET a = 1 WHERE id BETWEEN $1 AND $2;'
  expect(problems(up, { verify: 'SELECT count(*) = 0 FROM orders WHERE a IS NULL;' })).toEqual([])
  expect(problems(up, { verify: 'SELECT true FROM orders WHERE id = $1;' })).toEqual([
    'TM1043 "$1" in @verify: it runs once, after the last batch',
  ])
})
