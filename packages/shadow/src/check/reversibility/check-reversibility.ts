import { type Catalog, compareCatalogs, type Migration, readCatalog, scopeCatalog } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import { commitSection } from '../trial/commit-section.ts'
import type { Direction } from '../trial/read-statements.ts'
import { runSection, runsInTrial } from '../trial/run-section.ts'
import type { TrialFailure } from '../trial/trial-failure.ts'
import { judgeDifferences, type Reversibility } from './reversibility.ts'
import { ALL_STYLES, checkRows } from './rows/check-rows.ts'
import type { RowReversibility } from './rows/row-reversibility.ts'
import { listLocks, toTouched } from './rows/touched-tables.ts'

/**
 * Goes up, down and up again with a migration and compares the schema, then up and down with generated rows in
 * the tables that it touches and compares these. The shadow has what the migration depends on and not the
 * migration itself, and is as before afterwards.
 *
 * All of it runs in one transaction that is rolled back. What fails there is tried once more, committed, on a
 * copy: some statements fail only because an earlier one is not committed, such as the use of a new enum value.
 */
export async function checkReversibility(
  shadow: Shadow,
  migration: Migration,
  schemas: KnownSchemas = {},
): Promise<Reversibility> {
  const { up, down } = migration
  if (runsInTrial(migration, up) && (down === undefined || runsInTrial(migration, down))) {
    const tried = await checkRolledBack(shadow, migration, schemas)
    if (!hasFailure(tried)) return confirmRows(shadow, migration, tried)
  }
  const schema = await checkCommitted(shadow, migration, schemas)
  return isDecided(schema) ? schema : withRows(schema, await checkRowsCommitted(shadow, migration))
}

/** Schemas that others have, or want. */
interface KnownSchemas {
  /** The schema before the `@up`; read where nobody has it. */
  readonly before?: Catalog | null
  /** Takes those from before and after the `@up`, which are read anyway; null where nobody has to read the latter. */
  readonly onSchemas?: (before: Catalog, after: Catalog | null) => void
}

async function checkRolledBack(
  shadow: Shadow,
  migration: Migration,
  schemas: KnownSchemas,
): Promise<Reversibility> {
  return shadow.inRolledBackTransaction(async (connection) => {
    const run = (direction: Direction) => runSection(connection, migration, direction)
    await connection.query('SAVEPOINT before')
    const schema = await goUpDownUp(migration, {
      ...schemas,
      run,
      read: async () =>
        scopeCatalog(await readCatalog(connection, { transaction: 'caller' }), {
          trackingSchema: shadow.schema,
        }),
    })
    if (hasFailure(schema) || isDecided(schema)) return schema
    const reset = async () => {
      await connection.query('ROLLBACK TO before')
      return connection
    }
    let locks = await listLocks(connection)
    for (;;) {
      let known = locks
      const { touched, changed } = await toTouched(await reset(), locks)
      const rows = await checkRows({
        migration,
        trackingSchema: shadow.schema,
        touched,
        changed,
        styles: ALL_STYLES,
        run,
        async seeding(work) {
          const result = await work()
          known = [...locks, ...(await listLocks(connection))]
          return result
        },
        looking: (work) => work(),
        reset,
      })
      if (isFailed(rows)) return withRows(schema, rows)
      // With rows more may be touched, by triggers and foreign keys that cascade.
      const before = new Set(known.map(({ oid }) => oid))
      const more = (await listLocks(connection)).filter(({ oid }) => !before.has(oid))
      if ((await toTouched(await reset(), more)).touched.length === 0) return withRows(schema, rows)
      locks = [...locks, ...more]
    }
  })
}

function isFailed({ verdict }: RowReversibility): boolean {
  return verdict === 'up_fails' || verdict === 'down_fails'
}

async function checkCommitted(
  shadow: Shadow,
  migration: Migration,
  schemas: KnownSchemas = {},
): Promise<Reversibility> {
  const copy = await shadow.fork()
  const connection = await copy.connect()
  try {
    return await goUpDownUp(migration, {
      ...schemas,
      run: (direction) => commitSection(connection, migration, direction),
      read: async () => scopeCatalog(await readCatalog(connection), { trackingSchema: shadow.schema }),
    })
  } finally {
    await connection.close()
    await copy.close()
  }
}

/** Without locks to look at, every table counts as touched. */
async function checkRowsCommitted(shadow: Shadow, migration: Migration): Promise<RowReversibility> {
  let leave = async () => {}
  let session: Connection | undefined
  const enter = async () => {
    await leave()
    const copy = await shadow.fork()
    const connection = await copy.connect()
    leave = async () => {
      await connection.close()
      await copy.close()
    }
    session = connection
    return connection
  }
  const connected = () => {
    if (session === undefined) throw new TypeError('reset comes first')
    return session
  }
  const inTransaction = async <T>(work: () => Promise<T>) => {
    await connected().query('BEGIN')
    const result = await work()
    await connected().query('COMMIT')
    return result
  }
  try {
    return await checkRows({
      migration,
      trackingSchema: shadow.schema,
      touched: 'all',
      changed: 'all',
      styles: ['words', 'defaults'],
      run: (direction) => commitSection(connected(), migration, direction),
      seeding: inTransaction,
      looking: inTransaction,
      reset: enter,
    })
  } finally {
    await leave()
  }
}

/** Rows on which a section fails in one transaction may do where each section is committed. */
async function confirmRows(
  shadow: Shadow,
  migration: Migration,
  tried: Reversibility,
): Promise<Reversibility> {
  const { rows } = tried
  if (rows === null || !isFailed(rows)) return tried
  const committed = await checkRowsCommitted(shadow, migration)
  if (isFailed(committed)) return tried
  return withRows(await checkCommitted(shadow, migration), committed)
}

interface Ground extends KnownSchemas {
  /** Runs a section; null when it succeeded. */
  run(direction: Direction): Promise<TrialFailure | null>
  read(): Promise<Catalog>
}

async function goUpDownUp(
  migration: Migration,
  { run, read, before: known, onSchemas = () => {} }: Ground,
): Promise<Reversibility> {
  const nothing = { migrationId: migration.id, differences: [], failure: null, secondUp: null, rows: null }
  const before = known ?? (await read())
  onSchemas(before, null)
  const upFailure = await run('up')
  if (upFailure !== null) return { ...nothing, verdict: 'up_fails', failure: upFailure }
  if (migration.down === undefined) return { ...nothing, verdict: 'irreversible' }
  const applied = await read()
  onSchemas(before, applied)
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

/** What rows show weighs more than what the schema shows: a `@down` that fails, then lost rows. */
function withRows(schema: Reversibility, rows: RowReversibility): Reversibility {
  if (rows.verdict === 'down_fails') return { ...schema, verdict: 'down_fails', failure: rows.failure, rows }
  return rows.verdict === 'lost' ? { ...schema, verdict: 'loses_data', rows } : { ...schema, rows }
}

function hasFailure({ failure, secondUp }: Reversibility): boolean {
  return failure !== null || secondUp?.kind === 'fails'
}

/** Whether rows cannot change the verdict: there is no `@down`, or it fails anyway. */
function isDecided({ verdict }: Reversibility): boolean {
  return verdict === 'up_fails' || verdict === 'down_fails' || verdict === 'irreversible'
}
