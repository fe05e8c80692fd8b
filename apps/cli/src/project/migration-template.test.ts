import { MIGRATION_TYPES } from '@tidemark/core'
import { expect, test } from 'vitest'
import { migrationTemplate } from './migration-template.ts'

test.each(MIGRATION_TYPES)('a new file of type %s has nothing in its sections but SQL', (type) => {
  const text = migrationTemplate({ id: '002_add_users', type, description: 'Users', dependsOn: [] })
  const sections = text.slice(text.indexOf('-- @up'))
  expect(sections.match(/--.*/g)).toEqual(['-- @up', '-- @down'])
  expect(text).toMatch(/-- Depends on: \[\]\n\n-- @up\n/)
})

test('what a migration with batches looks like is in its header', () => {
  const batches = { table: 'orders', column: 'id', size: 1000, pauseMs: null }
  const parts = { id: '002_totals', type: 'update_data', description: 'Totals', dependsOn: [] } as const
  expect(migrationTemplate({ ...parts, batches })).toMatch(
    /-- such as: UPDATE orders .*\n-- @up\n\n-- @down\n/,
  )
})
