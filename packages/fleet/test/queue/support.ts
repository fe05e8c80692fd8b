import type { TestDatabase } from '@tidemark/test-servers'
import { onTestFinished } from 'vitest'
import type { Fleet, FleetEvent, RolloutResult, WorkEvent, WorkOptions } from '../../src/index.ts'

/** A worker in this process, which ends with the test. */
export interface TestWorker {
  readonly events: readonly WorkEvent[]
  /** Settles with the first event of a kind. */
  next(kind: WorkEvent['kind']): Promise<WorkEvent>
  stop(): Promise<void>
}

/** Starts a worker, and waits until it takes jobs. */
export async function startWorker(fleet: Fleet, options: Omit<WorkOptions, 'signal' | 'onEvent'> = {}) {
  const events: WorkEvent[] = []
  const waiting: { kind: WorkEvent['kind']; resolve: (event: WorkEvent) => void }[] = []
  const ending = new AbortController()
  const over = fleet.queue.work({
    ...options,
    signal: ending.signal,
    onEvent: (event) => {
      events.push(event)
      for (const one of waiting) if (one.kind === event.kind) one.resolve(event)
    },
  })
  const worker: TestWorker = {
    events,
    next: async (kind) =>
      events.find((event) => event.kind === kind) ??
      new Promise((resolve) => waiting.push({ kind, resolve })),
    stop: async () => {
      ending.abort()
      await over
    },
  }
  onTestFinished(() => worker.stop())
  await Promise.race([worker.next('ready'), over])
  return worker
}

/** A rollout that is watched: its id is known once it is in the queue. */
export interface Watched {
  readonly id: Promise<string>
  readonly events: readonly FleetEvent[]
  readonly result: Promise<RolloutResult>
}

/** Starts a rollout without waiting for its end. */
export function watch(run: (onEvent: (event: FleetEvent) => void) => Promise<RolloutResult>): Watched {
  const events: FleetEvent[] = []
  const { promise: id, resolve } = withResolvers<string>()
  const result = run((event) => {
    events.push(event)
    if (event.kind === 'queued') resolve(event.rolloutId)
  })
  return { id, events, result }
}

function withResolvers<T>() {
  let resolve: (value: T) => void = () => undefined
  const promise = new Promise<T>((given) => {
    resolve = given
  })
  return { promise, resolve }
}

/** Everything that the queue holds, as text. */
export async function dumpQueue(queue: TestDatabase): Promise<string> {
  const tables = await queue.query<{ name: string }>(
    "SELECT c.oid::regclass::text AS name FROM pg_class c WHERE c.relnamespace::regnamespace::text IN ('tidemark_fleet', 'tidemark_jobs') AND c.relkind = 'r'",
  )
  const rows = await Promise.all(
    tables.map(({ name }) => queue.query(`SELECT '${name}' AS table, t::text AS row FROM ${name} t`)),
  )
  return JSON.stringify(rows.flat())
}

/** Waits until something is so. */
export async function until(isSo: () => Promise<boolean>): Promise<void> {
  while (!(await isSo())) await new Promise((resolve) => setTimeout(resolve, 20))
}
