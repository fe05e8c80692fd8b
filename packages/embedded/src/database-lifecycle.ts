import { TidemarkError } from '@tidemark/core'
import { type RunningDatabase, type StartOptions, startDatabase } from './start-database.ts'

/** A database that is started when it is needed, again after it has ended. */
export interface DatabaseLifecycle {
  /** Gives the running database, or starts it. */
  run(): Promise<RunningDatabase>
  /** Ends it, unless it does not run. */
  stop(): Promise<void>
  /** Resolves when nothing runs any more for a client that has left. */
  settled(): Promise<void>
}

/**
 * Makes the lifecycle of a database that does not run yet. One in memory that was lost is not started again:
 * TM5031.
 */
export function createLifecycle(options: Omit<StartOptions, 'onExit'>): DatabaseLifecycle {
  let running: Promise<RunningDatabase> | undefined
  let stopped: Promise<void> = Promise.resolve()
  let isLost = false

  async function start(): Promise<RunningDatabase> {
    await stopped
    if (isLost) throw lostError()
    return startDatabase({
      ...options,
      onExit: (reason) => {
        isLost = options.directory === null && reason !== null
      },
    })
  }

  return {
    run() {
      if (running !== undefined) return running
      const starting = start()
      running = starting
      const forget = (): void => {
        if (running === starting) running = undefined
      }
      starting.then(({ backend }) => backend.exited).then(forget, forget)
      return starting
    },
    async stop() {
      if (running === undefined) return
      stopped = running.then(close, () => {})
      running = undefined
      await stopped
    },
    async settled() {
      await running?.then(
        ({ backend }) => backend.settled(),
        () => undefined,
      )
    },
  }
}

async function close({ backend, lock }: RunningDatabase): Promise<void> {
  await backend.close()
  await lock?.release()
}

/** A new empty database in its place would pass for the old one. */
function lostError(): TidemarkError {
  return new TidemarkError({
    code: 'TM5031',
    message: 'the embedded database in memory is lost: it ended together with a running statement',
    help: 'create it again; a database in a directory ("pglite:PATH") keeps what was committed',
  })
}
