import { type Catalog, compareCatalogs, type Migration, readCatalog, scopeCatalog } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import { commitSection } from '../trial/commit-section.ts'
import type { Direction } from '../trial/read-statements.ts'
import { runSection, runsInTrial } from '../trial/run-section.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import { judgeDifferences, type Reversibility } from './reversibility.ts'

/**
 * Goes up, down and up again with a migration and compares the schema, on a shadow that has what it depends on
 * and not the migration itself. The shadow is as before afterwards.
 *
 * All of it runs in one transaction that is rolled back. What fails there is tried once more, committed, on a
 * copy: some statements fail only because an earlier one is not committed, such as the use of a new enum value.
 */
export async function checkReversibility(shadow: Shadow, migration: Migration): Promise<Reversibility> {
  const { up, down } = migration
  const read = async (connection: Connection, transaction: 'own' | 'caller') =>
    scopeCatalog(await readCatalog(connection, { transaction }), { trackingSchema: shadow.schema })
  if (runsInTrial(migration, up) && (down === undefined || runsInTrial(migration, down))) {
    const tried = await shadow.inRolledBackTransaction((connection) =>
      goUpDownUp(migration, {
        run: (direction) => runSection(connection, migration, direction),
        read: () => read(connection, 'caller'),
      }),
    )
    if (!hasFailure(tried)) return tried
  }
  const copy = await shadow.fork()
  const connection = await copy.connect()
  try {
    return await goUpDownUp(migration, {
      run: (direction) => commitSection(connection, migration, direction),
      read: () => read(connection, 'own'),
    })
  } finally {
    await connection.close()
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
