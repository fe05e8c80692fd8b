import type { Diagnostic } from '@tidemark/core'
import { expect, test } from 'vitest'
import { createPaint } from '../text/paint.ts'
import { presentFindings } from './present-findings.ts'

const paint = createPaint(false)

const finding = (
  severity: Diagnostic['severity'],
  code: Diagnostic['code'],
  message: string,
): Diagnostic => ({
  code,
  severity,
  message,
})

test('of many warnings of one kind five are written, and how many there are', () => {
  const gone = Array.from({ length: 8 }, (_, index) => finding('warning', 'TM4002', `"${index}" is gone`))
  const other = finding('warning', 'TM4005', 'something else')
  expect(presentFindings([...gone, other], { paint, targetFlags: '' })).toBe(
    [
      ...[0, 1, 2, 3, 4].map((index) => `warning TM4002: "${index}" is gone`),
      'warning TM4005: something else',
      '… and 3 more (TM4002); `--json` lists all',
    ].join('\n\n'),
  )
})

test('errors are all written', () => {
  const changed = Array.from({ length: 8 }, (_, index) => finding('error', 'TM4001', `"${index}" changed`))
  expect(presentFindings(changed, { paint, targetFlags: '' }).split('\n\n')).toHaveLength(8)
})
