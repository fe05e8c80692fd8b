import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { codePointToOffset } from './code-point-to-offset.ts'
import { LineIndex, lineAndColumn } from './line-index.ts'

describe('LineIndex', () => {
  it('counts columns in code points', () => {
    const index = new LineIndex('a😀b\n\tü')
    expect([0, 1, 3, 4, 5, 6, 7].map((offset) => index.positionAt(offset))).toEqual([
      { line: 1, column: 1 },
      { line: 1, column: 2 },
      { line: 1, column: 3 },
      { line: 1, column: 4 },
      { line: 2, column: 1 },
      { line: 2, column: 2 },
      { line: 2, column: 3 },
    ])
  })

  it('takes offsets outside of the text to its ends', () => {
    expect(new LineIndex('ab\n').positionAt(99)).toEqual({ line: 2, column: 1 })
    expect(new LineIndex('ab').positionAt(-5)).toEqual({ line: 1, column: 1 })
  })

  it('ends lines at LF, CRLF and CR, and gives them without their ends', () => {
    const text = 'a\nb\r\nc\rd'
    const index = new LineIndex(text)
    const lines = [1, 2, 3, 4, 5].map((line) => index.lineSpan(line))
    expect(lines.map((span) => span && text.slice(span.start, span.end))).toEqual([
      'a',
      'b',
      'c',
      'd',
      undefined,
    ])
    expect(index.lineCount).toBe(4)
  })

  it('agrees with counting by hand', () => {
    const text = fc
      .array(fc.constantFrom('a', '😀', '\n', '\t', '\ud83d'), { maxLength: 40 })
      .map((it) => it.join(''))
    fc.assert(
      fc.property(text, fc.nat(50), (source, at) => {
        const before = source.slice(0, Math.min(at, source.length))
        const isSplit =
          /[\ud800-\udbff]$/.test(before) && /^[\udc00-\udfff]/.test(source.slice(before.length))
        const lines = (isSplit ? before.slice(0, -1) : before).split('\n')
        const column = Array.from(lines.at(-1) ?? '').length + 1
        expect(lineAndColumn({ path: 'a.sql', text: source }, at)).toEqual({ line: lines.length, column })
      }),
    )
  })
})

describe('codePointToOffset', () => {
  it('turns a position of PostgreSQL into an offset', () => {
    expect([0, 1, 2, 3, 4, 9].map((position) => codePointToOffset('a😀b', position))).toEqual([
      0, 0, 1, 3, 4, 4,
    ])
  })
})
