import { describe, expect, it } from 'vitest'
import { codeFrame } from './code-frame.ts'

function frameOf(text: string, marked: string, options = {}): readonly string[] {
  const start = text.indexOf(marked)
  return codeFrame(text, { start, end: start + marked.length }, options).split('\n')
}

describe('codeFrame', () => {
  it('shows the line with carets under the span', () => {
    expect(frameOf('a\n-- Depends on: [005_users]', '005_users')).toEqual([
      '2 | -- Depends on: [005_users]',
      '  |                 ^^^^^^^^^',
    ])
  })

  it('marks the line of a failed statement and shows the lines around it', () => {
    const text = `${'\n'.repeat(12)}\nUPDATE orders;\nSELECT 1;`
    const span = { start: 13, end: 13 }
    expect(codeFrame(text, span, { look: 'marked', linesBefore: 1, linesAfter: 1 }).split('\n')).toEqual([
      '  13 │',
      '> 14 │ UPDATE orders;',
      '     │ ^',
      '  15 │ SELECT 1;',
    ])
  })

  it('keeps tabs under the line', () => {
    expect(frameOf('\tSELECT\tfoo;', 'foo')).toEqual(['1 | \tSELECT\tfoo;', '  | \t      \t^^^'])
  })

  it('puts two carets under a wide character and none under a combining one', () => {
    expect(frameOf("SELECT '表e\u0301😀' + 1", '+')).toEqual([
      "1 | SELECT '表e\u0301😀' + 1",
      '  |                ^',
    ])
    expect(frameOf('表é', '表')).toEqual(['1 | 表é', '  | ^^'])
  })

  it('cuts a long line around the span', () => {
    const [line = '', carets = ''] = frameOf(`${'a'.repeat(500)}HERE${'b'.repeat(500)}`, 'HERE', {
      maxWidth: 30,
    })
    expect(line).toBe(`1 | …${'a'.repeat(13)}HERE${'b'.repeat(13)}…`)
    expect(carets).toBe(`  |  ${' '.repeat(13)}^^^^`)
  })

  it('counts cells, of which a wide character takes two', () => {
    const [line = ''] = frameOf(`${'表'.repeat(500)}x${'表'.repeat(500)}`, 'x', { maxWidth: 40 })
    expect(line).toBe(`1 | …${'表'.repeat(9)}x${'表'.repeat(10)}…`)
    expect(frameOf(`${'表'.repeat(25)}x`, 'x', { maxWidth: 40 })[0]).toBe(`1 | …${'表'.repeat(19)}x`)
  })

  it('splits no surrogate pair where it cuts', () => {
    const frame = frameOf(`${'😀'.repeat(500)}x${'😀'.repeat(500)}`, 'x', { maxWidth: 31 }).join('\n')
    expect(/\p{Surrogate}/u.test(frame)).toBe(false)
  })

  it('cuts the lines around at the width too', () => {
    const lines = frameOf(`${'a'.repeat(300)}\nb`, 'b', { maxWidth: 20, linesBefore: 1 })
    expect(lines).toEqual([`1 | ${'a'.repeat(20)}…`, '2 | b', '  | ^'])
  })

  it('shows the first line of a longer span', () => {
    expect(frameOf('SELECT (\n1\n;', '(\n1')).toEqual(['1 | SELECT (', '  |        ^'])
  })

  it('sends no control character to a terminal', () => {
    expect(frameOf('SELECT \u001b[31m;', ';')).toEqual(['1 | SELECT �[31m;', '  |             ^'])
  })

  it('points behind the end of the text', () => {
    expect(codeFrame('SELECT', { start: 6, end: 6 })).toBe('1 | SELECT\n  |       ^')
  })
})
