import { expect, test } from 'vitest'
import { parseMigration } from '../parse-migration.ts'
import { formatBatches } from './header-batches.ts'

function read(value: string) {
  const text = `-- Batches: ${value}\n-- @up\nUPDATE "Orders", orders SET a = 1 WHERE id BETWEEN $1 AND $2;\n`
  const parsed = parseMigration({ path: '001_a.sql', text })
  return parsed.ok
    ? parsed.value.migration.header.batches
    : parsed.error.map(({ code, message }) => `${code} ${message}`)
}

test('table, column, size and pause are read, with the names as they are written', () => {
  expect(read('orders by id')).toEqual({ table: 'orders', column: 'id', size: null, pauseMs: null })
  expect(read('app."Orders"  BY "Id, no", Pause 1.5s,size 500')).toEqual({
    table: 'app."Orders"',
    column: '"Id, no"',
    size: 500,
    pauseMs: 1500,
  })
})

test.each([
  'orders',
  'orders by',
  'orders by id, size 0',
  'orders by id, size many',
  'orders by id, size 1000001',
  'orders by id, pause 5',
  'orders by id, size 1, size 2',
  'orders by id, colour red',
  'orders by id created_at',
  'orders by lower(name)',
  'a.b.c by id',
])('"%s" is not a valid value', (value) => {
  expect(read(value)).toEqual([`TM1007 "${value}" is not a valid value of "Batches"`])
})

test('what is written is read back', () => {
  for (const value of ['orders by id', 'app."Orders" by "Id", size 500, pause 200ms']) {
    const batches = read(value)
    if (batches === undefined || Array.isArray(batches)) throw new Error(value)
    expect(formatBatches(batches)).toBe(value)
  }
})
