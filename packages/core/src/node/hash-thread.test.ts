import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { openStreamHash } from './hash-thread.ts'

const LARGE = 1024 ** 3

test.each([
  ['here', 1],
  ['in a thread', LARGE],
])('bytes hashed %s are those that came, even where they are overwritten', async (_, sizeBytes) => {
  const hash = openStreamHash(sizeBytes)
  const expected = createHash('sha256')
  const piece = Buffer.alloc(3_000_001)
  for (let turn = 0; turn < 12; turn += 1) {
    const part = piece.subarray(0, turn === 5 ? 0 : 700_003 * ((turn % 4) + 1))
    part.fill(turn)
    expected.update(part)
    await hash.update(part)
  }
  expect(await hash.digest()).toBe(expected.digest('hex'))
  await hash.close()
})

test('a thread that is closed early ends', async () => {
  const hash = openStreamHash(LARGE)
  await hash.update(Buffer.alloc(10))
  await expect(hash.close()).resolves.toBeUndefined()
})
