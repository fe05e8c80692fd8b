import { expect, test } from 'vitest'
import { createRandom } from './random.ts'

test('a seed gives the same choices again, another seed others', () => {
  const draw = (seed: number) => {
    const random = createRandom(seed)
    return Array.from({ length: 8 }, () => random.integer(0, 999))
  }
  expect(draw(7)).toEqual(draw(7))
  expect(draw(7)).not.toEqual(draw(8))
})

test('a part has choices of its own, whatever was drawn before', () => {
  const first = createRandom(7)
  const second = createRandom(7)
  second.integer(0, 9)
  expect(first.fork(3).integer(0, 1e9)).toBe(second.fork(3).integer(0, 1e9))
  expect(createRandom(7).fork(3).integer(0, 1e9)).not.toBe(createRandom(7).fork(4).integer(0, 1e9))
})

test('whole numbers keep within their bounds, both included', () => {
  const random = createRandom(1)
  const drawn = new Set(Array.from({ length: 500 }, () => random.integer(2, 4)))
  expect([...drawn].toSorted()).toEqual([2, 3, 4])
})
