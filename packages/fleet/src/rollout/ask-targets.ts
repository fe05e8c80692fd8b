import {
  buildGraph,
  type MigrationReader,
  type MigrationRunner,
  readOnce,
  refusedError,
  TidemarkError,
} from '@tidemark/core'
import { createDirectoryReader } from '@tidemark/core/node'
import type { FleetOptions } from '../fleet-options.ts'
import { type ConnectionPool, createConnectionPool } from '../server/connection-pool.ts'
import { openTarget } from '../server/open-target.ts'
import { runBounded } from '../server/run-bounded.ts'
import { shareSignal } from '../server/share-signal.ts'
import { chooseTargets, type TargetChoice } from '../target/choose-targets.ts'
import type { ParsedTarget } from '../target/parse-targets.ts'
import { readTargets } from '../target/read-targets.ts'

/** Which targets, and when to stop reading them. */
export interface FleetReadOptions extends TargetChoice {
  readonly signal?: AbortSignal | undefined
}

/** A target that could not be asked. */
export interface FailedTarget {
  readonly kind: 'failed'
  readonly name: string
  readonly error: TidemarkError
}

/** The bounds of a fleet, with their defaults. */
export function boundsOf({ concurrency = 16, perServer = 4 }: FleetOptions) {
  return { concurrency, perServer, serverOf }
}

/** Reads the targets that are meant. */
export async function readChosen(
  { targets, hosts, onTargets }: FleetOptions,
  choice: FleetReadOptions,
): Promise<readonly ParsedTarget[]> {
  return chooseTargets(await readTargets(targets, { hosts, onTargets, signal: choice.signal }), choice)
}

/** Makes the reader that all targets of one call share. */
export function openFiles({ migrations, schema = 'public' }: FleetOptions): MigrationReader {
  const reader =
    typeof migrations === 'string' ? createDirectoryReader({ directory: migrations, schema }) : migrations
  return readOnce(reader)
}

/**
 * Refuses files that are wrong, before any target is asked.
 *
 * @throws TidemarkError TM1xxx, TM2xxx with all problems.
 */
export async function refuseWrongFiles(
  migrations: MigrationReader,
  { environment, variables }: FleetOptions,
): Promise<void> {
  const read = await migrations.readMigrations()
  if (!read.ok) throw refusedError(read.error)
  const graph = buildGraph(read.value.migrations, { environment, variables })
  if (!graph.ok) throw refusedError(graph.error)
}

/** Uses a pool, and ends its connections. */
export async function withPool<T>(
  options: FleetOptions,
  use: (pool: ConnectionPool) => Promise<T>,
): Promise<T> {
  const pool = createConnectionPool(boundsOf(options).perServer)
  try {
    return await use(pool)
  } finally {
    await pool.close()
  }
}

/**
 * Asks every target that is meant the same, and gives the answers in the order of the targets. One that cannot
 * answer is among them.
 *
 * @throws TidemarkError TM5008 when the signal was given.
 */
export async function askTargets<T extends { readonly name: string }>(
  options: FleetOptions,
  choice: FleetReadOptions,
  question: (runner: MigrationRunner, name: string, signal: AbortSignal | undefined) => Promise<T>,
): Promise<readonly (T | FailedTarget)[]> {
  const targets = await readChosen(options, choice)
  const migrations = openFiles(options)
  const answers = new Map<string, T | FailedTarget>()
  const signal = shareSignal(choice.signal)
  const isOver = () => signal?.aborted === true
  await withPool(options, (pool) =>
    runBounded(targets, { ...boundsOf(options), isOver }, async (one) => {
      const { name } = one
      const answer = async () => {
        if (one.kind === 'wrong') throw one.error
        return question(openTarget(one, { options, migrations, pool }), name, signal)
      }
      answers.set(name, await answer().catch((error: unknown) => toFailed(name, error)))
    }),
  )
  if (isOver())
    throw new TidemarkError({ code: 'TM5008', message: 'interrupted', help: 'nothing was changed' })
  return targets.flatMap(({ name }) => answers.get(name) ?? [])
}

function toFailed(name: string, error: unknown): FailedTarget {
  if (error instanceof TidemarkError) return { kind: 'failed', name, error }
  throw error
}

/** A target that is wrong is tried on no server. */
function serverOf(one: ParsedTarget): string {
  return one.kind === 'sound' ? one.server : ''
}
