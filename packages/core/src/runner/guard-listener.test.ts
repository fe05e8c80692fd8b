import { expect, test, vi } from 'vitest'
import { guardListener } from './guard-listener.ts'

const GOES_ON = 'onEvent failed, and the run goes on without it: no room'

test.each([
  [
    'throws',
    () => {
      throw new Error('no room')
    },
  ],
  ['rejects', () => Promise.reject(new Error('no room'))],
  [
    'throws a text',
    () => {
      throw 'no room'
    },
  ],
])('a listener that %s is warned of once, and is called again', async (_, fail) => {
  const listen = vi.fn(fail)
  const warnings: string[] = []
  const guarded = guardListener('onEvent', listen, (message) => warnings.push(message))
  guarded()
  guarded()
  await Promise.resolve()
  await Promise.resolve()
  expect({ warnings, calls: listen.mock.calls.length }).toEqual({ warnings: [GOES_ON], calls: 2 })
})

test('a warning that cannot be written is no failure either', () => {
  const refuse = () => {
    throw new Error('stderr is full')
  }
  expect(guardListener('onEvent', refuse, refuse)()).toBe(undefined)
})
