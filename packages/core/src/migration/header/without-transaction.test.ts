import { expect, test } from 'vitest'
import { parseMigration } from '../parse-migration.ts'
import { withoutTransaction } from './without-transaction.ts'

test.each([
  ['-- @up\nSELECT 1;\n', '-- Transaction: none\n-- @up\nSELECT 1;\n'],
  [
    '-- A note.\n\n-- Depends on: [\n--   001_a,\n-- ]\n\n-- @up\nSELECT 1;\n',
    '-- A note.\n\n-- Depends on: [\n--   001_a,\n-- ]\n-- Transaction: none\n\n-- @up\nSELECT 1;\n',
  ],
  [
    '-- transaction: required\n-- Type: create_index\n-- @up\nSELECT 1;\n',
    '-- transaction: none\n-- Type: create_index\n-- @up\nSELECT 1;\n',
  ],
])('%j gets its line', (text, edited) => {
  const parsed = parseMigration({ path: '002_b.sql', text })
  if (!parsed.ok) throw new TypeError(parsed.error.map(({ message }) => message).join('; '))
  expect(withoutTransaction(parsed.value.migration)).toBe(edited)
  const again = parseMigration({ path: '002_b.sql', text: edited })
  expect(again.ok && again.value.migration.header.transaction).toBe('none')
})
