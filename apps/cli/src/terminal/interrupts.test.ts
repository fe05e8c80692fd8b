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

test('a second signal ends the process at once, with a last word', () => {
  const others = process.listeners('SIGTERM')
  const said: string[] = []
  const codes: number[] = []
  const interrupts = listenForInterrupts(
    (code) => codes.push(code),
    (text) => said.push(text),
  )
  expect(interrupts.signal.aborted).toBe(false)
  const own = process.listeners('SIGTERM').find((listener) => !others.includes(listener))
  own?.('SIGTERM')
  expect({ codes, said }).toEqual({ codes: [], said: [] })
  own?.('SIGTERM')
  expect(codes).toEqual([143])
  expect(said).toEqual([
    'interrupted again by SIGTERM: ended at once, without waiting for the server; "tidemark status" shows what is applied\n',
  ])
  interrupts.dispose()
})
