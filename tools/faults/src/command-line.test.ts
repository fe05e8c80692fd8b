import { expect, test } from 'vitest'
import { readPeoplesLine } from './command-line.ts'

test.each([
  ['tidemark  postgres@127.0.0.1:5432/shop  40 pending of 40', { kind: 'connected' }],
  [' ✓ 013_index        18 ms   no transaction', { kind: 'finished', id: '013_index' }],
  ['✓ 40 migrations applied in 375 ms, nothing pending', { kind: 'done' }],
  ['tidemark  postgres@127.0.0.1:5432/shop  40 of 40 applied, nothing pending', { kind: 'done' }],
  [
    'error TM5008: interrupted by SIGTERM',
    { kind: 'failed', code: 'TM5008', message: 'interrupted by SIGTERM' },
  ],
  [
    '   ERROR interrupted during "023_index"  (TM5008)',
    { kind: 'failed', code: 'TM5008', message: 'interrupted during "023_index"' },
  ],
  ['help: run `tidemark up` again', undefined],
])('%s', (line, expected) => {
  expect(readPeoplesLine(line)).toEqual(expected)
})
