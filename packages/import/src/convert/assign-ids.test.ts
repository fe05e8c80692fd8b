import { isMigrationId } from '@tidemark/core'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { assignIds } from './assign-ids.ts'

test('a name that is an id stays', () => {
  expect(assignIds(['001_users', 'V1_2__posts', 'R__view'])).toEqual(['001_users', 'V1_2__posts', 'R__view'])
})

test('other names become the nearest id', () => {
  expect(assignIds(['1_add posts', '_draft', 'größe', '日本'])).toEqual([
    '1_add_posts',
    'draft',
    'grosse',
    'migration_4',
  ])
})

test('names that would give one id are numbered, and a name that is an id keeps it', () => {
  expect(assignIds(['1 users', '1_users', '1-users', '1_Users'])).toEqual([
    '1_users-2',
    '1_users',
    '1-users',
    '1_Users-3',
  ])
})

test('any names give as many legal ids, all different on a file system that ignores case', () => {
  fc.assert(
    fc.property(fc.array(fc.string({ unit: 'binary', maxLength: 300 })), (names) => {
      const ids = assignIds(names)
      expect(ids.filter((id) => !isMigrationId(id))).toEqual([])
      expect(new Set(ids.map((id) => id.toLowerCase())).size).toBe(names.length)
    }),
  )
})
