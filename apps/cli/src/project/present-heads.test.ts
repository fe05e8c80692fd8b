import { expect, test } from 'vitest'
import { presentHeads } from './present-heads.ts'

test('one head, some heads, and of many the first five', () => {
  expect(presentHeads([])).toBe('')
  expect(presentHeads(['a'])).toBe('; head: a')
  expect(presentHeads(['a', 'b'])).toBe('; heads: a, b')
  expect(presentHeads(['a', 'b', 'c', 'd', 'e', 'f', 'g'])).toBe('; heads: a, b, c, d, e and 2 more')
})
