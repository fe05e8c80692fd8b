import { expect, test } from 'vitest'
import { percentDone } from './batch-position.ts'

const keys = (type: string, first: string, last: string, cursor: string) =>
  percentDone({ type, first, last, cursor, rows: 30, tableRows: 120 })

test('keys with a distance are placed between the smallest and the largest', () => {
  expect(keys('bigint', '0', '200', '50')).toBe(25)
  expect(keys('numeric', '-1.5', '0.5', '0')).toBe(75)
  expect(keys('date', '2024-01-01', '2024-01-11', '2024-01-06')).toBe(50)
  expect(
    keys(
      'timestamp with time zone',
      '2024-01-01 00:00:00+00',
      '2024-01-02 00:00:00+00',
      '2024-01-01 06:00:00.5+00',
    ),
  ).toBe(25)
})

test('other keys count by rows, and 100 is said at the end alone', () => {
  expect(keys('uuid', 'a', 'z', 'b')).toBe(25)
  expect(keys('text', 'a', 'z', 'z')).toBe(100)
  expect(percentDone({ type: 'text', first: 'a', last: 'z', cursor: 'b', rows: 500, tableRows: 120 })).toBe(
    99.9,
  )
  expect(
    percentDone({ type: 'text', first: 'a', last: 'z', cursor: 'b', rows: 5, tableRows: null }),
  ).toBeNull()
  expect(keys('bigint', '9223372036854775806', '9223372036854775807', '9223372036854775806')).toBe(25)
})

test('infinite keys have no distance', () => {
  expect(keys('timestamp without time zone', '-infinity', '2024-01-01 00:00:00', '2023-01-01 00:00:00')).toBe(
    25,
  )
})
