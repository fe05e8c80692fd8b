import fc from 'fast-check'
import { expect, test } from 'vitest'
import { storableJson, storableText } from './storable.ts'

test('NUL and halves of surrogate pairs become U+FFFD, everything else stays', () => {
  expect(storableText('a\0b\ud800c🌊\udc00')).toBe('a\ufffdb\ufffdc🌊\ufffd')
  expect(storableJson({ 'k\0': ['\ud800', { n: 1, none: null }] })).toBe(
    '{"k\ufffd":["\ufffd",{"n":1,"none":null}]}',
  )
})

test('JSON that can be stored is written as it is', () => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'grapheme' }), (value) => {
      const text = JSON.stringify(value)
      if (!/\\u0000|\\ud[89a-f]/.test(text)) expect(JSON.parse(storableJson(value))).toEqual(JSON.parse(text))
    }),
  )
})
