import fc from 'fast-check'
import { expect, test } from 'vitest'
import { parseTargets } from '../target/parse-targets.ts'
import { chooseWaves, planWaves } from './plan-waves.ts'
import { allowedFailures } from './stop-rule.ts'

function targets(count: number, canaries = 0) {
  const entries = Array.from({ length: count }, (_, place) => ({
    name: `t${place}`,
    database: 'postgres://app@db/t',
    ...(place < canaries ? { ring: 'canary' } : {}),
  }))
  return parseTargets(entries, { kind: 'code' })
}

const sizes = (count: number, canaries: number, waves: readonly string[]) =>
  planWaves(targets(count, canaries), waves).map(({ name, targets: { length } }) => `${name}: ${length}`)

test('a ring comes first, then shares of the others, which add up', () => {
  expect(sizes(110, 10, ['ring:canary', '5%', '25%', '100%'])).toEqual([
    'ring:canary: 10',
    '5%: 5',
    '25%: 20',
    '100%: 75',
  ])
})

test('a share is rounded up, and what no wave takes is the rest', () => {
  expect(sizes(3, 0, ['1%'])).toEqual(['1%: 1', 'rest: 2'])
  expect(sizes(4, 1, ['ring:canary'])).toEqual(['ring:canary: 1', 'rest: 3'])
  expect(sizes(2, 0, ['ring:none', '100%'])).toEqual(['100%: 2'])
})

test('every target is in exactly one wave', () => {
  const wave = fc.oneof(
    fc.constant('ring:canary'),
    fc.integer({ min: 1, max: 100 }).map((n) => `${n}%`),
  )
  fc.assert(
    fc.property(fc.nat(60), fc.nat(60), fc.array(wave, { maxLength: 5 }), (count, canaries, waves) => {
      const all = targets(count, canaries)
      const names = planWaves(all, waves).flatMap((one) => one.targets.map(({ name }) => name))
      expect([...names].sort()).toEqual(all.map(({ name }) => name).sort())
    }),
  )
})

test.each(['0%', '101%', 'canary', 'ring:', '5', '-1%'])('"%s" is not a wave', (text) => {
  expect(() => planWaves([], [text])).toThrow(`"${text}" is not a wave`)
})

test('waves are chosen by name', () => {
  const waves = planWaves(targets(4, 1), ['ring:canary', '100%'])
  expect(chooseWaves(waves, ['ring:canary']).map(({ name }) => name)).toEqual(['ring:canary'])
  expect(() => chooseWaves(waves, ['ring:canari'])).toThrow('there is no wave "ring:canari"')
})

test('failures are allowed by number or share', () => {
  expect([allowedFailures(3, 10), allowedFailures('2%', 400), allowedFailures('2%', 10)]).toEqual([3, 8, 0])
  for (const wrong of [-1, 1.5, 'many', '200%'])
    expect(() => allowedFailures(wrong, 1)).toThrow('"maxFailures"')
})
