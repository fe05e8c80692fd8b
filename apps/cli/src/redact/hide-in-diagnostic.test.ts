import { formatDiagnostic } from '@tidemark/core'
import { expect, test } from 'vitest'
import { hideInDiagnostic } from './hide-in-diagnostic.ts'

test('a frame shows no line with a password, and its place stays', () => {
  const text = "SELECT 1;\nALTER ROLE a PASSWORD /* x */ 'hunter2';"
  const span = { start: 10, end: 15 }
  const source = { path: 'a.sql', text }
  const shown = formatDiagnostic(
    hideInDiagnostic({ code: 'TM1001', severity: 'error', message: 'x', source, span }),
  )
  expect(shown).toBe('a.sql:2:1 error TM1001: x\n2 | ***** **** * ******** ** * ** **********\n  | ^^^^^')
})
