import { expect, test } from 'vitest'
import { listenForInterrupts } from './interrupts.ts'

test.each([
  ['SIGINT', 130],
  ['SIGTERM', 143],
] as const)(
  '%s is an interrupt with a code wherever it meets a run, and no error of ours',
  (name, exitCode) => {
    const others = process.listeners(name)
    const interrupts = listenForInterrupts(() => undefined)
    const { signal } = interrupts
    const own = process.listeners(name).find((listener) => !others.includes(listener))
    own?.(name)
    expect(signal.reason).toMatchObject({ code: 'TM5008', message: `interrupted by ${name}` })
    expect(interrupts.exitCode).toBe(exitCode)
    interrupts.dispose()
  },
)
