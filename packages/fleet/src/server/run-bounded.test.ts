import fc from 'fast-check'
import { expect, test } from 'vitest'
import { runBounded } from './run-bounded.ts'

test('never more run than may, in all and for one server, and each exactly once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 40 }),
      fc.integer({ min: 1, max: 6 }),
      fc.integer({ min: 1, max: 4 }),
      async (servers, concurrency, perServer) => {
        const tasks = servers.map((server, number) => ({ server, number }))
        const running: string[] = []
        const ran: number[] = []
        const bounds = {
          concurrency,
          perServer,
          isOver: () => false,
          serverOf: ({ server }: { server: string }) => server,
        }
        const left = await runBounded(tasks, bounds, async ({ server, number }) => {
          running.push(server)
          expect(running.length).toBeLessThanOrEqual(concurrency)
          expect(running.filter((one) => one === server).length).toBeLessThanOrEqual(perServer)
          await new Promise((resolve) => setImmediate(resolve))
          ran.push(number)
          running.splice(running.indexOf(server), 1)
        })
        expect(left).toEqual([])
        expect([...ran].sort((a, b) => a - b)).toEqual(tasks.map(({ number }) => number))
      },
    ),
  )
})

test('what has not begun when it is over is given back, in its order', async () => {
  let ran = 0
  const bounds = { concurrency: 1, perServer: 1, serverOf: () => 'a', isOver: () => ran === 2 }
  const left = await runBounded([1, 2, 3, 4], bounds, async () => {
    ran += 1
  })
  expect(left).toEqual([3, 4])
})

test('a mistake of ours is thrown', async () => {
  const bounds = { concurrency: 2, perServer: 2, serverOf: () => 'a', isOver: () => false }
  const failing = runBounded([1], bounds, () => Promise.reject(new TypeError('ours')))
  await expect(failing).rejects.toThrow('ours')
})
