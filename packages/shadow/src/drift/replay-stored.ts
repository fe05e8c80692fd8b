import { TidemarkError } from '@tidemark/core'
import { openShadow } from '../open-shadow.ts'
import type { NotChecked, Shadow } from '../port/shadow.ts'
import { listDependents } from '../prefix/plan-order.ts'
import type { ShadowOptions } from '../shadow-options.ts'
import { originalId, type StoredMigrations } from './stored-migrations.ts'

/** What stored migrations came to when they ran again. */
export interface Replayed {
  /** It has what could be run. Closed by the caller. */
  readonly shadow: Shadow
  /** By the ids that they have in the database. */
  readonly notChecked: readonly NotChecked[]
}

/**
 * Runs what a database has stored on a shadow. A migration that fails on an empty database is left out with its
 * dependents, and the others run again.
 */
export async function replayStored(
  options: Omit<ShadowOptions, 'migrations'>,
  { migrations, unreadable }: StoredMigrations,
  failed: readonly NotChecked[] = [],
): Promise<Replayed> {
  const gone = new Set(failed.map(({ migrationId }) => migrationId))
  try {
    const shadow = await openShadow({
      ...options,
      migrations: migrations.filter(({ id }) => !gone.has(id)),
    })
    return { shadow, notChecked: [...unreadable, ...[...failed, ...shadow.notChecked].map(withOriginalId)] }
  } catch (error) {
    options.signal?.throwIfAborted()
    const id = error instanceof TidemarkError ? error.details['migration'] : undefined
    if (!(error instanceof TidemarkError) || typeof id !== 'string') throw error
    const failure = { migrationId: id, why: `fails on an empty database: ${error.message}` }
    const dependents = listDependents(migrations, [id])
    return replayStored(options, { migrations, unreadable }, [...failed, failure, ...dependents])
  }
}

function withOriginalId({ migrationId, why }: NotChecked): NotChecked {
  return { migrationId: originalId(migrationId), why: why.replaceAll(/\b\d{6}_(?=\S)/g, '') }
}
