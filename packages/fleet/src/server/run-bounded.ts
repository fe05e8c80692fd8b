/** How many run at a time, and until when. */
export interface Bounds<T> {
  readonly concurrency: number
  readonly perServer: number
  readonly serverOf: (task: T) => string
  /** Asked before each: true lets nothing more begin. */
  readonly isOver: () => boolean
}

/**
 * Runs every task, so many at a time in all and for each server, in their order as far as the bounds allow.
 * What has begun is waited for.
 *
 * @returns the tasks that were not begun.
 */
export async function runBounded<T>(
  tasks: readonly T[],
  { concurrency, perServer, serverOf, isOver }: Bounds<T>,
  run: (task: T) => Promise<void>,
): Promise<readonly T[]> {
  const queues = new Map<string, T[]>()
  for (const task of [...tasks].reverse()) {
    const server = serverOf(task)
    const queue = queues.get(server)
    if (queue === undefined) queues.set(server, [task])
    else queue.push(task)
  }
  const running = new Map<string, number>()
  const servers = [...queues.keys()].reverse()
  const next = (): T | undefined => {
    const place = servers.findIndex(
      (server) => (running.get(server) ?? 0) < perServer && queues.get(server)?.length !== 0,
    )
    const [server] = place === -1 ? [] : servers.splice(place, 1)
    if (server === undefined) return undefined
    // The server takes turns with the others.
    servers.push(server)
    running.set(server, (running.get(server) ?? 0) + 1)
    return queues.get(server)?.pop()
  }
  await new Promise<void>((resolve, reject) => {
    let active = 0
    const fill = (): void => {
      for (let task = take(); task !== undefined; task = take()) void follow(task)
      if (active === 0) resolve()
    }
    const take = (): T | undefined => (isOver() || active >= concurrency ? undefined : next())
    const follow = async (task: T): Promise<void> => {
      active += 1
      try {
        await run(task)
      } catch (error) {
        reject(error)
      }
      active -= 1
      running.set(serverOf(task), (running.get(serverOf(task)) ?? 1) - 1)
      fill()
    }
    fill()
  })
  const left = new Set([...queues.values()].flat())
  return tasks.filter((task) => left.has(task))
}
