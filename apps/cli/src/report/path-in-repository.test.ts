import { resolve } from 'node:path'
import { expect, test } from 'vitest'
import { pathInRepository } from './path-in-repository.ts'

test('a path is counted from the root of the repository, and one outside of it stays', () => {
  expect(pathInRepository('migrations/001_a.sql', undefined)).toBe('migrations/001_a.sql')
  expect(pathInRepository('migrations/001_a.sql', '')).toBe('migrations/001_a.sql')
  expect(pathInRepository('migrations/001_a.sql', process.cwd())).toBe('migrations/001_a.sql')
  expect(pathInRepository('migrations/001_a.sql', resolve('..'))).toMatch(/^[^/]+\/migrations\/001_a\.sql$/)
  expect(pathInRepository('../sql/001_a.sql', resolve('..'))).toBe('sql/001_a.sql')
  expect(pathInRepository('../sql/001_a.sql', process.cwd())).toBe('../sql/001_a.sql')
  expect(pathInRepository(resolve('migrations/001_a.sql'), process.cwd())).toBe('migrations/001_a.sql')
})
