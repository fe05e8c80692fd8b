import { stripVTControlCharacters } from 'node:util'
import { expect, test } from 'vitest'
import { escapeControls } from './escape-controls.ts'
import { createPaint } from './paint.ts'

test.each([
  ['\u001b[31mred\u001b[0m', '\\u001b[31mred\\u001b[0m'],
  ['\u001b]0;title\u0007', '\\u001b]0;title\\u0007'],
  ['\u009b2J\u0085\u007f\u0000', '\\u009b2J\\u0085\\u007f\\u0000'],
  ['over\rwritten, back\b\bspaced', 'over\\u000dwritten, back\\u0008\\u0008spaced'],
  ['user\u202enimda\u2066\u2069\u200f', 'user\\u202enimda\\u2066\\u2069\\u200f'],
  ['a\tb\nc\r\nd é 日本 👩‍👩‍👧', 'a\tb\nc\r\nd é 日本 👩‍👩‍👧'],
])('%j is shown as %j', (text, shown) => expect(escapeControls(text)).toBe(shown))

test('our own colours pass, colours in a text do not, nested or not', () => {
  const { bold, red, dim } = createPaint(true)
  expect(escapeControls(bold(`a ${red('b\u001b[32mc')} d ${dim('e')} f`))).toBe(
    '\u001b[1ma \u001b[31mb\\u001b[32mc\u001b[39m d \u001b[2me\u001b[22m\u001b[1m f\u001b[22m',
  )
  expect(stripVTControlCharacters(red('plain'))).toBe('plain')
})

test('an escaped document is the same document', () => {
  const document = { text: '\u001b[2J \u009b \u202e \u007f "quoted" \\ \n', '\u202ekey': [1] }
  const text = escapeControls(JSON.stringify(document, null, 2))
  expect(text).not.toMatch(/(?!\n)\p{Cc}|\u202e/u)
  expect(JSON.parse(text)).toEqual(document)
})
