import { type Catalog, type Migration, readCatalog, scopeCatalog } from '@tidemark/core'
import type { Connection } from '@tidemark/pg-driver/engine'
import type { Shadow } from '../../port/shadow.ts'
import type { CheckPart, TracedMigration } from '../report/check-report.ts'
import { checkReversibility } from '../reversibility/check-reversibility.ts'
import type { Reversibility } from '../reversibility/reversibility.ts'
import { observeSection } from '../trial/observe-section.ts'
import { runsInTrial } from '../trial/run-section.ts'
import { traceSection } from '../trial/trace-section.ts'

/** What trials of a migration showed that is not applied yet. */
export interface ObservedMigration {
  /** Null where no part needs it. */
  readonly traced: TracedMigration | null
  readonly reversibility: Reversibility | null
  /** The schema before it; null where no part needs it. */
  readonly before: Catalog | null
  /** The schema after it; null where no trial had a reason to read it. */
  readonly after: Catalog | null
}

/** Options of {@link observeMigration}. */
export interface ObserveOptions {
  readonly parts: readonly CheckPart[]
  /** The schema that the shadow has, where it is known. */
  readonly before: Catalog | null
}

/**
 * Tries a migration on a shadow, for what some parts need. Afterwards the shadow is as before, or has the migration
 * where a trial could apply it.
 */
export async function observeMigration(
  shadow: Shadow,
  migration: Migration,
  { parts, before }: ObserveOptions,
): Promise<ObservedMigration> {
  // The schemas that reversibility reads anyway serve for lint too: planning the query is what costs.
  const read: { before: Catalog | null; after: Catalog | null } = { before: null, after: null }
  const reversibility = parts.includes('reversibility')
    ? await checkReversibility(shadow, migration, {
        before,
        onSchemas: (...[first, after]) => Object.assign(read, { before: first, after }),
      })
    : null
  const wantsSchemas = parts.includes('lint') && read.before === null
  const wantsTrace = parts.includes('lint') || parts.includes('statements')
  const seen = wantsTrace ? await traceMigration(shadow, migration, wantsSchemas) : null
  return {
    traced: seen?.traced ?? null,
    reversibility,
    before: read.before ?? seen?.before ?? null,
    after: read.after ?? seen?.after ?? null,
  }
}

/** Reads the schema that a shadow has. */
export async function readSchema(shadow: Shadow): Promise<Catalog> {
  return shadow.inRolledBackTransaction((connection) => readWithin(shadow, connection))
}

/** Reads the schema that the transaction of this connection sees. */
export async function readWithin({ schema }: Shadow, connection: Connection): Promise<Catalog> {
  return scopeCatalog(await readCatalog(connection, { transaction: 'caller' }), { trackingSchema: schema })
}

async function traceMigration(
  shadow: Shadow,
  migration: Migration,
  wantsSchemas: boolean,
): Promise<Pick<ObservedMigration, 'before' | 'after'> & { readonly traced: TracedMigration }> {
  const { id: migrationId } = migration
  if (!runsInTrial(migration, migration.up)) {
    const before = wantsSchemas ? await readSchema(shadow) : null
    return { traced: await traceAlone(shadow, migration), before, after: null }
  }
  return shadow.keepTrial(migration, async (connection) => {
    const before = wantsSchemas ? await readWithin(shadow, connection) : null
    const { statements, failure } = await traceSection(connection, migration, 'up')
    const after = wantsSchemas && failure === null ? await readWithin(shadow, connection) : null
    return { traced: { migrationId, statements, untraced: null }, failure, before, after }
  })
}

/** Outside of a transaction locks are seen by a second session only, which a shadow in this process has not. */
async function traceAlone(shadow: Shadow, migration: Migration): Promise<TracedMigration> {
  const { id: migrationId } = migration
  if (shadow.engine !== 'server') {
    const untraced = 'it does not run in one transaction, which only a shadow on a server can observe'
    return { migrationId, statements: [], untraced }
  }
  const copy = await shadow.fork()
  try {
    const { statements } = await observeSection(copy, migration, 'up')
    return { migrationId, statements, untraced: null }
  } finally {
    await copy.close()
  }
}
