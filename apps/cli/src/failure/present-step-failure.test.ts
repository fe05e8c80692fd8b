import { TidemarkError } from '@tidemark/core'
import { expect, test } from 'vitest'
import { createPaint } from '../text/paint.ts'
import { presentStepFailure } from './present-step-failure.ts'

test('where nothing is said of the database, no empty line is in its place', () => {
  const error = new TidemarkError({ code: 'TM3009', message: 'it cannot be stored', help: 'replace it' })
  expect(presentStepFailure(error, { paint: createPaint(false), targetFlags: '' })).toBe(
    '   ERROR it cannot be stored  (TM3009)\n   help: replace it',
  )
})
