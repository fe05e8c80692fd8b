import { expect, test } from 'vitest'
import { wrapText } from './wrap-text.ts'

test.each([
  ['a line that fits  stays as it is', 40, 'a line that fits  stays as it is'],
  ['one two three four', 9, 'one two\nthree\nfour'],
  ['  up    apply everything that is pending', 24, '  up    apply everything\n        that is pending'],
  ['  a name   b   c d e f g h', 14, '  a name   b\n  c d e f g h'],
  ['tidemark  db  2 of 2 are applied', 24, 'tidemark  db  2 of 2 are\n          applied'],
  ['   · takes locks on notes', 18, '   · takes locks\n     on notes'],
  ['  lockRetries   TIDEMARK_LOCK_RETRIES', 30, '  lockRetries\n  TIDEMARK_LOCK_RETRIES'],
  ['    indented words go on there', 16, '    indented\n    words go on\n    there'],
  ['unbreakable-as-it-is and more', 10, 'unbreakable-as-it-is\nand more'],
  ['語語語 語語語 語', 9, '語語語\n語語語 語'],
])('%j in %i columns', (text, width, expected) => {
  expect(wrapText(text, width)).toBe(expected)
})
