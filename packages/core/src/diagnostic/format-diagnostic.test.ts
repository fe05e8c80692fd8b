import { expect, test } from 'vitest'
import type { Diagnostic } from './diagnostic.ts'
import { formatDiagnostic } from './format-diagnostic.ts'
import { sortDiagnostics } from './sort-diagnostics.ts'

const source = {
  path: 'migrations/007_add_orders.sql',
  text: '-- a\n-- b\n-- 😀\n-- Depends on: [005_users]\n',
}
const start = source.text.indexOf('005')
const missing: Diagnostic = {
  code: 'TM2002',
  severity: 'error',
  message: 'depends on "005_users", which does not exist',
  source,
  span: { start, end: start + '005_users'.length },
  help: 'did you mean "005_user"?',
}

test('a diagnostic has place, severity, code, message, the line with carets, and help', () => {
  expect(
    formatDiagnostic(missing),
  ).toBe(`migrations/007_add_orders.sql:4:17 error TM2002: depends on "005_users", which does not exist
4 | -- Depends on: [005_users]
  |                 ^^^^^^^^^
help: did you mean "005_user"?`)
})

test('without a place there is no line, without a file no path', () => {
  const { source: _, span: __, ...bare } = missing
  expect(formatDiagnostic(bare)).toBe(`error TM2002: depends on "005_users", which does not exist
help: did you mean "005_user"?`)
  const { span: ___, help: ____, ...whole } = missing
  expect(formatDiagnostic({ ...whole, severity: 'warning' })).toBe(
    'migrations/007_add_orders.sql warning TM2002: depends on "005_users", which does not exist',
  )
})

test('columns count characters, tabs stay tabs, and related places follow', () => {
  const other = { path: 'b.sql', text: '\t😀😀\tx y' }
  const related = [{ message: 'seen here', source: other, span: { start: 6, end: 7 } }]
  expect(
    formatDiagnostic({ ...missing, detail: '- a\n+ b', related }),
  ).toBe(`migrations/007_add_orders.sql:4:17 error TM2002: depends on "005_users", which does not exist
4 | -- Depends on: [005_users]
  |                 ^^^^^^^^^
- a
+ b
help: did you mean "005_user"?
b.sql:1:5 note: seen here
1 | \t😀😀\tx y
  | \t    \t^`)
})

test('nothing that a user wrote reaches the terminal as a command, or hides', () => {
  const text = `-- \u001b[2J\u202ex\u200b`
  const hostile: Diagnostic = {
    code: 'TM1007',
    severity: 'error',
    message: 'a \u001b[2J\u202e\r',
    source: { path: 'a\n\u001b.sql', text },
    span: { start: 3, end: text.length },
    help: 'no \u009b1m',
    detail: '- \u0007\n+ \tx',
    related: [{ message: '\u2066', source: { path: '\ufeff', text: '\ufeffx' }, span: { start: 1, end: 2 } }],
  }
  expect(formatDiagnostic(hostile)).toBe(`a��.sql:1:4 error TM1007: a �[2J��
1 | -- �[2J�x�
  |    ^^^^^^^
- �
+ \tx
help: no �1m
�:1:2 note: �
1 | �x
  |  ^`)
})

test('colour is what paint gives, by role', () => {
  const painted = formatDiagnostic(missing, { paint: (text, role) => `<${role}>${text}</${role}>` })
  expect(painted.split('\n')[0]).toBe(
    'migrations/007_add_orders.sql:4:17 <error>error TM2002</error>: depends on "005_users", which does not exist',
  )
  expect(painted.split('\n').at(-1)).toBe('<help>help</help>: did you mean "005_user"?')
})

test('diagnostics are sorted by file, place and code, those without a file first', () => {
  const at = (path: string, place: number, code: Diagnostic['code']): Diagnostic => ({
    ...missing,
    code,
    source: { path, text: 'abcdef' },
    span: { start: place, end: place + 1 },
  })
  const { source: _, span: __, ...bare } = missing
  const sorted = [
    bare,
    at('m/2.sql', 3, 'TM1001'),
    at('m/10.sql', 0, 'TM1005'),
    at('m/10.sql', 2, 'TM1002'),
    at('m/10.sql', 2, 'TM1004'),
  ]
  expect(sortDiagnostics(sorted.toReversed())).toEqual(sorted)
})
