import { buildGraph, parseMigration } from '@tidemark/core'
import { expect, test } from 'vitest'
import { mixedMigrations } from './mixed-migrations.ts'

test('there are 40 of them, of every kind, and nothing is wrong with them', () => {
  const parsed = Object.entries(mixedMigrations()).map(([id, text]) =>
    parseMigration({ path: `migrations/${id}.sql`, text }),
  )
  const migrations = parsed.flatMap((one) => (one.ok ? [one.value.migration] : []))
  expect(parsed.flatMap((one) => (one.ok ? one.value.notes : one.error))).toEqual([])
  expect(buildGraph(migrations).ok).toBe(true)
  const having = (kind: (text: string) => boolean) => Object.values(mixedMigrations()).filter(kind).length
  expect({
    all: migrations.length,
    'without a transaction': having((text) => text.includes('-- Transaction: none')),
    CONCURRENTLY: having((text) => text.includes('CONCURRENTLY')),
    COPY: having((text) => text.includes('COPY ')),
    'COPY that is streamed': having((text) => text.includes('COPY ') && text.length > 256 * 1024),
    verify: having((text) => text.includes('-- @verify')),
    'on change': having((text) => text.includes('-- Run: on_change')),
    'change of role': having((text) => text.includes('-- Role:') || text.includes('SET ROLE')),
    'non-blocking': having((text) => text.includes('-- Blocking: false')),
    squash: having((text) => text.includes('-- Replaces:')),
  }).toEqual({
    all: 40,
    'without a transaction': 9,
    CONCURRENTLY: 7,
    COPY: 6,
    'COPY that is streamed': 1,
    verify: 27,
    'on change': 7,
    'change of role': 7,
    'non-blocking': 1,
    squash: 1,
  })
})
