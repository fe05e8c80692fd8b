/** Lets so many checks run at a time, in the order of asking. */
export interface CheckTurns {
  /** Runs a check when its turn comes, unless it is not wanted any more. */
  run(check: () => Promise<void>, isWanted: () => boolean): Promise<void>
}

/** A check of a database that does not answer makes room for others after so long, in milliseconds. */
const HOLDS_MS = 1000

/** Makes turns for as many checks as that at a time. */
export function createCheckTurns(count: number): CheckTurns {
  const waiting: (() => void)[] = []
  let free = count

  function leave(): void {
    const next = waiting.shift()
    if (next === undefined) free += 1
    else next()
  }

  async function enter(): Promise<() => void> {
    if (free > 0) free -= 1
    else await new Promise<void>((resolve) => waiting.push(resolve))
    let isHeld = true
    return () => {
      if (isHeld) leave()
      isHeld = false
    }
  }

  return {
    async run(check, isWanted) {
      const release = await enter()
      if (!isWanted()) return release()
      const limit = setTimeout(release, HOLDS_MS)
      limit.unref?.()
      try {
        await check()
      } finally {
        clearTimeout(limit)
        release()
      }
    },
  }
}
