import { expect, test } from 'vitest'
import { describeName, nextId } from './next-id.ts'

const now = new Date('2026-11-30T12:53:07.089Z')

test.each([
  [[], '001_orders'],
  [['007_users', '0012_x'], '0013_orders'],
  [['20240115093000_users'], '20261130125307_orders'],
  [['001_first', '20240115093000_users'], '20261130125307_orders'],
  [['20240115093000123_users'], '20261130125307089_orders'],
  [['202401150930_users'], '202611301253_orders'],
  [['2024011509_users'], '2026113012_orders'],
  [['20240115_users'], '20261130_orders'],
  [['2024_01_15_093000_users'], '2026_11_30_125307_orders'],
  [['2024-01-15-0930-users'], '2026-11-30-1253_orders'],
  [['20240115T093000-users'], '20261130T125307_orders'],
  [['20240115_093000_users'], '20261130_125307_orders'],
  [['1705310000_users'], '1796043187_orders'],
  [['1705310000123_users'], '1796043187089_orders'],
  [['20240230250000_no_time'], '20240230250001_orders'],
  [['20261130125307_now'], '20261130125308_orders'],
  [['20301231235959_ahead'], '20310101000000_orders'],
])('after %j comes %s', async (ids, id) => {
  expect(await nextId({ name: 'orders', ids, now })).toBe(id)
})

test.each([
  ['ajouter été', '001_ajouter_ete', 'ajouter été'],
  ['добавить заказы', '001_dobavit_zakazy', 'добавить заказы'],
  ['προσθήκη_παραγγελιών', '001_prosthiki_paraggelion', 'προσθήκη παραγγελιών'],
  ['003_注文.SQL', '003_ZhuWen', '注文'],
  ['add_orders', '001_add_orders', 'add orders'],
  ['add\norders\u0000', '001_add_orders', 'add orders'],
  ['20240101_users', '20240101_users', 'users'],
])('%j gives the id %s, described as it was typed', async (name, id, description) => {
  expect(await nextId({ name, ids: [], now })).toBe(id)
  expect(describeName(name)).toBe(description)
})

test('a name without a letter or digit is refused', async () => {
  await expect(nextId({ name: '///', ids: [], now })).rejects.toMatchObject({ code: 'TM7008' })
})
