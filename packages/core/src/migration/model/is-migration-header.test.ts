import fc from 'fast-check'
import { expect, test } from 'vitest'
import { isMigrationHeader } from './is-migration-header.ts'
import type { MigrationHeader } from './migration.ts'
import { MigrationHeaderSchema } from './migration-schemas.ts'

const header: MigrationHeader = {
  description: 'Keep people',
  type: 'create_table',
  dependsOn: ['000_base'],
  transaction: 'none',
  run: 'on_change',
  lockTimeoutMs: 5000,
  statementTimeoutMs: null,
  role: 'owner',
  blocking: false,
  replaces: [],
  tags: ['a', ''],
}

const keys = Object.keys(header)
const odd = fc.constantFrom<unknown>(
  undefined,
  null,
  true,
  0,
  -0,
  -1,
  1.5,
  2 ** 53,
  Number.NaN,
  '',
  'x',
  'none',
  'once',
  'drop_index',
  '001 a',
  'a'.repeat(256),
  [],
  [''],
  ['a'],
  ['a', 1],
  [null],
  [[]],
  {},
)

test('a header is one, and nothing beside it', () => {
  expect(isMigrationHeader(header)).toBe(true)
  expect(isMigrationHeader({ ...header, more: 1 })).toBe(false)
  for (const value of [undefined, null, 'text', 7, [], {}]) expect(isMigrationHeader(value)).toBe(false)
})

test('it agrees with the schema on any value of the keys', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.constantFrom(...keys), odd, { maxKeys: 3 }), (changes) => {
      const value = JSON.parse(JSON.stringify({ ...header, ...changes }))
      const isWhole = Object.keys(value).length === keys.length
      expect(isMigrationHeader(value)).toBe(isWhole && MigrationHeaderSchema.safeParse(value).success)
    }),
    { numRuns: 3000 },
  )
})
