import { expect, test } from 'vitest'
import { maskedDiff } from './masked-diff.ts'

test('a changed password is a difference that shows neither', () => {
  expect(
    maskedDiff("ALTER ROLE a PASSWORD\n 'old';\nSELECT 1;", "ALTER ROLE a PASSWORD\n 'new';\nSELECT 1;"),
  ).toEqual([
    { kind: 'same', text: 'ALTER ROLE a PASSWORD', line: 1 },
    { kind: 'removed', text: " '***';", line: 2 },
    { kind: 'added', text: " '***';", line: 2 },
    { kind: 'same', text: 'SELECT 1;', line: 3 },
  ])
})
