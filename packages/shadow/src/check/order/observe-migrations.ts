import {
  type Catalog,
  compareCatalogs,
  type Migration,
  readCatalog,
  type StatementEffects,
  scopeCatalog,
} from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import { type CheckGround, withShadow } from '../trial/check-ground.ts'
import { commitSection } from '../trial/commit-section.ts'
import { runsInTrial } from '../trial/run-section.ts'
import { traceSection } from '../trial/trace-section.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import { migrationAt } from '../trial/trial-graph.ts'
import { type Footprint, readFootprint, unknownFootprint } from './footprint.ts'

/** What one replay in plan order showed. */
export interface Observation {
  readonly footprints: ReadonlyMap<number, Footprint>
  /** The schema at the end. */
  readonly end: Catalog
  /** What did not run, by itself or for want of one of these. */
  readonly failed: readonly FailedMigration[]
}

/** A migration that could not be executed. */
export interface FailedMigration {
  readonly index: number
  /** Null when it needs one that failed. */
  readonly failure: TrialFailure | null
}

/**
 * Runs migrations in plan order on top of a prefix and takes the footprint of those that are asked about.
 *
 * @param prefix all that is committed before, ascending; it holds what it needs.
 * @param replayed what runs after it, ascending.
 */
export async function observeMigrations(
  ground: CheckGround,
  prefix: readonly number[],
  replayed: readonly number[],
  asked: ReadonlySet<number>,
): Promise<Observation> {
  return withShadow(ground, prefix, async (shadow) => {
    const connection = await shadow.connect()
    try {
      return await replay(ground, connection, replayed, asked)
    } finally {
      await connection.close()
    }
  })
}

async function replay(
  ground: CheckGround,
  connection: Connection,
  replayed: readonly number[],
  asked: ReadonlySet<number>,
): Promise<Observation> {
  const { graph, trackingSchema, onProgress, signal } = ground
  const read = async () => scopeCatalog(await readCatalog(connection), { trackingSchema })
  const footprints = new Map<number, Footprint>()
  const failed = new Map<number, FailedMigration>()
  let known: Catalog | undefined
  for (const [done, index] of replayed.entries()) {
    signal?.throwIfAborted()
    onProgress?.(done, replayed.length)
    const migration = migrationAt(graph, index)
    const lacks = graph.dependencies[index]?.some((one) => failed.has(one)) === true
    const before: Catalog | undefined = asked.has(index) ? (known ?? (await read())) : undefined
    const ran = lacks
      ? { failure: null, effects: [] }
      : await runWatched(connection, migration, before !== undefined)
    if (lacks || ran.failure !== null) {
      failed.set(index, { index, failure: ran.failure })
      footprints.set(index, unknownFootprint(migration))
      known = before
      continue
    }
    known = before === undefined ? undefined : await read()
    if (before === undefined || known === undefined) continue
    const differences = compareCatalogs(before, known)
    const catalogs = [before, known]
    footprints.set(index, readFootprint({ migration, differences, effects: ran.effects, catalogs }))
  }
  return { footprints, end: known ?? (await read()), failed: [...failed.values()] }
}

interface Ran {
  readonly failure: TrialFailure | null
  readonly effects: readonly StatementEffects[]
}

/** What needs another transaction, or fails in one, runs without being watched. */
async function runWatched(connection: Connection, migration: Migration, watched: boolean): Promise<Ran> {
  if (watched && runsInTrial(migration, migration.up)) {
    await connection.query('BEGIN')
    const { statements, failure } = await traceSection(connection, migration, 'up')
    await connection.query(failure === null ? 'COMMIT' : 'ROLLBACK')
    if (failure === null) return { failure, effects: statements.map(({ effects }) => effects) }
  }
  return { failure: await commitSection(connection, migration, 'up'), effects: [] }
}
