import { expect, test } from 'vitest'
import { locateCopyLine, readCopyPlace } from './locate-copy.ts'

test.each([
  ['COPY t, line 2, column b: "x"', { line: 2, value: 'x' }],
  ['COPY t, line 12: "1\t2"', { line: 12, value: '1\t2' }],
  ['COPY t, line 3', { line: 3, value: undefined }],
  ['COPY t2, Zeile 7, Spalte c3: »x«', { line: 7, value: 'x' }],
  ['COPY t2, ligne 7, colonne c3 : « x »', { line: 7, value: 'x' }],
  ['COPY t2, Zeile 7, Spalte c3: "x"', { line: 7, value: 'x' }],
  ['COPY t, ligne 4, colonne a : "x..."', { line: 4, value: 'x' }],
  ['PL/pgSQL function f() line 3 at RAISE\nCOPY t, line 5, column a: "x"', { line: 5, value: 'x' }],
  ['PL/pgSQL function f() line 3 at RAISE', undefined],
  [undefined, undefined],
])('%s', (where, place) => {
  expect(readCopyPlace(where)).toEqual(place)
})

test('a line of the data is found in the file, and the field in it when it is there once', () => {
  const text = 'COPY t FROM stdin;\n1\ta\nx\tb\n2\t2\n\\.\n'
  const data = { start: 19, end: 31 }
  const at = (place: Parameters<typeof locateCopyLine>[2]) => {
    const span = locateCopyLine({ path: 'a.sql', text }, data, place)
    return span && text.slice(span.start, span.end)
  }
  expect(text.slice(data.start, data.end)).toBe('1\ta\nx\tb\n2\t2\n')
  expect(at({ line: 2, value: 'x' })).toBe('x')
  expect(at({ line: 3, value: '2' })).toBe('2\t2')
  expect(at({ line: 1, value: undefined })).toBe('1\ta')
  expect(at({ line: 2, value: 'read otherwise' })).toBe('x\tb')
  expect(at({ line: 9, value: undefined })).toBeUndefined()
})
