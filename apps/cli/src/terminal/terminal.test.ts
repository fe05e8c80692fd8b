import { expect, test } from 'vitest'
import { describeTerminal } from './terminal.ts'

const terminal = { isTTY: true, columns: 40 }
const pipe = { isTTY: false }

const describeWith = (stdout: typeof pipe, env: Readonly<Record<string, string>> = {}) =>
  describeTerminal({ stdin: terminal, stdout, stderr: terminal, env })

test('a terminal has its width, and a pipe none unless COLUMNS names one', () => {
  expect(describeWith(terminal).width).toBe(40)
  expect(describeWith(terminal, { COLUMNS: '200' }).width).toBe(40)
  expect(describeWith(pipe).width).toBe(Number.POSITIVE_INFINITY)
  expect(describeWith(pipe, { COLUMNS: '100' }).width).toBe(100)
  expect(describeWith(pipe, { COLUMNS: 'wide' }).width).toBe(Number.POSITIVE_INFINITY)
})

test('lines are redrawn and questions asked on a terminal alone, and not in CI', () => {
  expect(describeWith(terminal)).toMatchObject({ live: true, liveTable: true, interactive: true })
  expect(describeWith(terminal, { NO_COLOR: '1' })).toMatchObject({ live: true, liveTable: false })
  expect(describeWith(terminal, { CI: 'true' })).toMatchObject({
    live: false,
    liveTable: false,
    interactive: false,
  })
  expect(describeWith(terminal, { TERM: 'dumb' })).toMatchObject({ live: false, interactive: false })
})

test('NO_COLOR wins over FORCE_COLOR', () => {
  const red = (env: Readonly<Record<string, string>>): string => describeWith(pipe, env).paint.red('x')
  expect(red({})).toBe('x')
  expect(red({ FORCE_COLOR: '1' })).not.toBe('x')
  expect(red({ FORCE_COLOR: '1', NO_COLOR: '1' })).toBe('x')
})
