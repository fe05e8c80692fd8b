import {
  type Catalog,
  compareCatalogs,
  type Migration,
  MigrationRunner,
  ok,
  readCatalog,
  scopeCatalog,
} from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import { type Direction, runSection, runsInTrial } from '../trial/run-section.ts'
import { type TrialFailure, toTrialFailure } from '../trial/trial-failure.ts'
import { judgeDifferences, type Reversibility } from './reversibility.ts'

/** Options of {@link checkReversibility}. */
export interface ReversibilityOptions {
  /** The schema of the tracking tables, which are no part of what is compared. Default `public`. */
  readonly trackingSchema?: string | undefined
}

/**
 * Goes up, down and up again with a migration and compares the schema, on a shadow that has what it depends on
 * and not the migration itself. The shadow is as before afterwards.
 *
 * All of it runs in one transaction that is rolled back. What fails there is tried once more, committed, on a
 * copy: some statements fail only because an earlier one is not committed, such as the use of a new enum value.
 */
export async function checkReversibility(
  shadow: Shadow,
  migration: Migration,
  { trackingSchema = 'public' }: ReversibilityOptions = {},
): Promise<Reversibility> {
  const { up, down } = migration
  if (runsInTrial(migration, up) && (down === undefined || runsInTrial(migration, down))) {
    const tried = await shadow.inRolledBackTransaction((connection) =>
      goUpDownUp(migration, {
        run: (direction) => runSection(connection, migration, direction),
        read: async () => scoped(await readCatalog(connection, { transaction: 'caller' }), trackingSchema),
      }),
    )
    if (!hasFailure(tried)) return tried
  }
  const copy = await shadow.fork()
  try {
    return await goUpDownUp(migration, {
      run: (direction) => runCommitted(copy, migration, direction),
      read: async () => scoped(await readCommitted(copy), trackingSchema),
    })
  } finally {
    await copy.close()
  }
}

interface Ground {
  /** Runs a section; null when it succeeded. */
  run(direction: Direction): Promise<TrialFailure | null>
  read(): Promise<Catalog>
}

async function goUpDownUp(migration: Migration, { run, read }: Ground): Promise<Reversibility> {
  const nothing = { migrationId: migration.id, differences: [], failure: null, secondUp: null }
  const before = await read()
  const upFailure = await run('up')
  if (upFailure !== null) return { ...nothing, verdict: 'up_fails', failure: upFailure }
  if (migration.down === undefined) return { ...nothing, verdict: 'irreversible' }
  const applied = await read()
  const downFailure = await run('down')
  if (downFailure !== null) return { ...nothing, verdict: 'down_fails', failure: downFailure }
  const differences = compareCatalogs(before, await read())
  const verdict = judgeDifferences(differences)
  const failure = await run('up')
  if (failure !== null) return { ...nothing, verdict, differences, secondUp: { kind: 'fails', failure } }
  const again = compareCatalogs(applied, await read())
  const secondUp =
    again.length === 0 ? { kind: 'same' as const } : { kind: 'differs' as const, differences: again }
  return { ...nothing, verdict, differences, secondUp }
}

function hasFailure({ failure, secondUp }: Reversibility): boolean {
  return failure !== null || secondUp?.kind === 'fails'
}

function scoped(catalog: Catalog, trackingSchema: string): Catalog {
  return scopeCatalog(catalog, { trackingSchema })
}

async function readCommitted(shadow: Shadow): Promise<Catalog> {
  const connection: Connection = await shadow.connect()
  try {
    return await readCatalog(connection)
  } finally {
    await connection.close()
  }
}

async function runCommitted(
  shadow: Shadow,
  migration: Migration,
  direction: Direction,
): Promise<TrialFailure | null> {
  const runner = new MigrationRunner({
    database: shadow.database,
    migrations: { readMigrations: async () => ok({ migrations: [...shadow.applied, migration], notes: [] }) },
    lockWaitMs: 0,
    executedBy: 'shadow',
    toolVersion: 'shadow',
    newRunId: () => crypto.randomUUID(),
  })
  try {
    if (direction === 'up') await runner.runMigrations({ target: migration.id })
    else await runner.rollBack({ request: { kind: 'targets', ids: [migration.id] } })
    return null
  } catch (error) {
    return toTrialFailure(error, direction)
  }
}
