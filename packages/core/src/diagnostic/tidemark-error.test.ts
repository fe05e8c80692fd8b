import { inspect } from 'node:util'
import { expect, expectTypeOf, test } from 'vitest'
import type { RunTally } from './error-details.ts'
import { TidemarkError } from './tidemark-error.ts'

const failed = new TidemarkError({
  code: 'TM5004',
  message: '"001_a" statement 1 of 1: division by zero',
  remedy: { kind: 'fix_file', command: 'up' },
  location: { path: 'migrations/001_a.sql', line: 1, column: 1 },
  details: { migration: '001_a', index: 1, sqlState: '22012' },
  cause: new Error('division by zero'),
})

test('a copy has other details on top of its own, and code, message, place, stack and cause stay', () => {
  const copy = failed.with({ details: { applied: [], failed: ['001_a'] } })
  expect(copy).toBeInstanceOf(TidemarkError)
  expect({ ...copy, message: copy.message, stack: copy.stack, cause: copy.cause }).toEqual({
    ...failed,
    message: failed.message,
    stack: failed.stack,
    cause: failed.cause,
    details: { migration: '001_a', index: 1, sqlState: '22012', applied: [], failed: ['001_a'] },
  })
})

test('a copy is the same failure, and an error that reads alike is another one', () => {
  const copy = failed.with({ details: { failed: ['001_a'] } }).with({ location: undefined })
  const { code, message, details } = failed
  expect([copy.isSameAs(failed), failed.isSameAs(copy), copy.location]).toEqual([true, true, undefined])
  expect(new TidemarkError({ code, message, details }).isSameAs(failed)).toBe(false)
})

test('the remedy makes the help, also that of a copy', () => {
  const copy = failed.with({ remedy: { kind: 'drop_index', index: 'a_idx' } })
  expect([failed.help, copy.help, copy.remedy]).toEqual([
    'fix the file and run "tidemark up" again',
    'the index a_idx was left invalid: the next run drops it and builds it again; to drop it now: DROP INDEX CONCURRENTLY a_idx;',
    { kind: 'drop_index', index: 'a_idx' },
  ])
})

test('is shown under its name', () => {
  expect(inspect(failed).split('\n')[0]).toBe('TidemarkError: "001_a" statement 1 of 1: division by zero')
})

test('the code narrows the details, and instanceof narrows both ways', () => {
  const read = (error: TidemarkError | 'none') => {
    if (!(error instanceof TidemarkError)) return expectTypeOf(error).toEqualTypeOf<'none'>()
    expectTypeOf(error.details.applied).toEqualTypeOf<RunTally['applied']>()
    if (error.code === 'TM5010') expectTypeOf(error.details.pending).toEqualTypeOf<readonly string[]>()
    return undefined
  }
  expect(read(failed)).toBeUndefined()
})
