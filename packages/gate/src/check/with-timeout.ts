import { TidemarkError } from '@tidemark/core'

/**
 * Gives up on a check after `limitMs`; its late answer is ignored. The timer keeps no process alive.
 *
 * @throws TidemarkError TM5090 when the time is over.
 */
export async function limitTime<T>(work: Promise<T>, limitMs: number): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(describeTimeout(limitMs)), limitMs)
    timer.unref?.()
  })
  try {
    return await Promise.race([work, limit])
  } finally {
    clearTimeout(timer)
  }
}

function describeTimeout(limitMs: number): TidemarkError {
  return new TidemarkError({
    code: 'TM5090',
    message: `the schema could not be checked: no answer within ${limitMs} ms`,
    help: 'the gate asks again by itself; check that the database answers and that the pool has a free connection',
  })
}
