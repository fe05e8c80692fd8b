// First: graphile-worker searches for configuration when it is loaded.
import './search-nothing.ts'
import type { EventEmitter } from 'node:events'
import { maskSecrets } from '@tidemark/core'
import { Logger, type Runner, run, runMigrations, type SharedOptions, type TaskList } from 'graphile-worker'
import type { Pool } from 'pg'
import { JOBS_SCHEMA } from './queue-schema.ts'
import { giveBackFolder } from './search-nothing.ts'

giveBackFolder()

/** How long a worker that found no job waits before it asks again. */
const ASK_AGAIN_MS = 500
/** How often locks of workers that have died are looked for. */
const LOOK_FOR_DEAD_MS = { minResetLockedInterval: 5_000, maxResetLockedInterval: 15_000 }

/** What a worker of the engine needs. */
export interface EngineOptions {
  readonly pool: Pool
  readonly concurrency: number
  readonly tasks: TaskList
  readonly events: EventEmitter
  /** Awaited before the first job is asked for. */
  readonly ready: () => Promise<void>
  readonly warn: (message: string) => void
}

/** Makes the engine's own objects, or brings them to its version. */
export function makeEngineObjects(pool: Pool): Promise<void> {
  return runMigrations(sharedOptions(pool, () => undefined))
}

/** Starts to take jobs. */
export function startEngine({
  pool,
  concurrency,
  tasks,
  events,
  ready,
  warn,
}: EngineOptions): Promise<Runner> {
  return run({
    ...sharedOptions(pool, warn),
    ...LOOK_FOR_DEAD_MS,
    events,
    concurrency,
    pollInterval: ASK_AGAIN_MS,
    noHandleSignals: true,
    parsedCronItems: [],
    taskList: tasks,
    preset: {
      plugins: [{ name: 'tidemark', version: '1', worker: { hooks: { startWorker: () => ready() } } }],
    },
  })
}

function sharedOptions(pool: Pool, warn: (message: string) => void): SharedOptions {
  const logger = new Logger(() => (level, message) => {
    if (level === 'error') warn(maskSecrets(message))
  })
  return { pgPool: pool, schema: JOBS_SCHEMA, logger }
}
