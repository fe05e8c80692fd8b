import { expect, test } from 'vitest'
import { formatMergePoint } from './format-merge-point.ts'
import { isMergePoint, isReversible } from './model/migration.ts'
import { parseMigration } from './parse-migration.ts'

test('a merge point is a sound file that joins its heads and can be rolled back', () => {
  const text = formatMergePoint({ id: '003_merge', dependsOn: ['001_a', '002_b'] })
  expect(text).toBe(`-- Migration: 003_merge
-- Description: Join 001_a and 002_b
-- Type: custom_sql
-- Depends on: [001_a, 002_b]
-- Tags: [merge]

-- @up
-- A merge point has no SQL of its own.
`)
  const parsed = parseMigration({ path: '003_merge.sql', text })
  expect(parsed.ok && [isMergePoint(parsed.value.migration), isReversible(parsed.value.migration)]).toEqual([
    true,
    true,
  ])
  expect(parsed.ok && parsed.value.notes).toEqual([])
})

test('one head is nothing to join', () => {
  expect(() => formatMergePoint({ id: '003_merge', dependsOn: ['001_a'] })).toThrow(TypeError)
})
