import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatDuration, parseDuration } from './duration.ts'

test.each([
  ['0', 0],
  ['500ms', 500],
  ['5s', 5000],
  ['1.5s', 1500],
  ['2 min', 120_000],
  ['1h', 3_600_000],
])('%s is %d milliseconds', (text, ms) => {
  expect(parseDuration(text)).toBe(ms)
})

test.each(['', '5', '-5s', '5m', '5S', 's', '1e3s', '5s5', '597h', '0.s', 'none'])(
  '%j is not a valid duration',
  (text) => {
    expect(parseDuration(text)).toBeUndefined()
  },
)

test('what is written of a duration is read back', () => {
  fc.assert(
    fc.property(fc.nat(2_147_483_647), (ms) => {
      expect(parseDuration(formatDuration(ms))).toBe(ms)
    }),
  )
})
