import { expect, test } from 'vitest'
import { presentTable } from './table.ts'

const ROWS = [
  [
    { text: '✓' },
    { text: '001_users' },
    { text: 'applied' },
    { text: '2026-11-22 23:06Z' },
    { text: 'a long remark', align: 'left' as const },
  ],
  [{ text: '·' }, { text: '002_日本語の列' }, { text: 'pending' }],
]
const table = (width: number, optional: readonly number[] = []) =>
  presentTable(ROWS, { width, indent: 1, optional }).split('\n')

test('columns are aligned by the cells they take', () => {
  expect(table(80)).toEqual([
    ' ✓  001_users       applied  2026-11-22 23:06Z  a long remark',
    ' ·  002_日本語の列  pending',
  ])
})

test('where there is less room the flexible column gives way, then optional ones go, then the widest is cut', () => {
  expect(table(58)[0]).toBe(' ✓  001_users       applied  2026-11-22 23:06Z  a long re…')
  expect(table(50, [3])).toEqual([
    ' ✓  001_users       applied  a long remark',
    ' ·  002_日本語の列  pending',
  ])
  expect(table(30, [3, 4])).toEqual([' ✓  001_users       applied', ' ·  002_日本語の列  pending'])
  expect(table(20, [3, 4])).toEqual([' ✓  001_us…  applied', ' ·  002_日…  pending'])
})

test('a column that is narrow already is not made wider', () => {
  expect(presentTable([[{ text: 'abcdefghijklmnop' }, { text: 'x' }]], { width: 14, indent: 0 })).toBe(
    'abcdefghij…  x',
  )
})

test.each([20, 40, 80, 200])('no row is wider than %i cells', (width) => {
  const wide = presentTable(
    [[{ text: '✓' }, { text: 'x'.repeat(300) }, { text: 'applied' }, { text: '1 ms' }]],
    {
      width,
      indent: 1,
      optional: [3],
    },
  )
  expect(wide.length).toBeLessThanOrEqual(width)
})
