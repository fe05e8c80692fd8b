import { type Catalog, type CatalogDifference, type CatalogScope, compareCatalogs } from '@tidemark/core'
import type { Wire } from '@tidemark/pg-driver/engine'
import { isManaged, UNREAD_SCHEMAS } from '../../baseline/managed-entries.ts'
import { comparableCatalogs, compareWithReplayed, readShadow } from '../../drift/check-drift.ts'
import type { AcceptedDrift, DriftReport } from '../../drift/drift.ts'
import { OWNER_FACETS } from '../../drift/find-drift.ts'
import { replayStored } from '../../drift/replay-stored.ts'
import { openShadow } from '../../open-shadow.ts'
import type { Shadow } from '../../port/shadow.ts'
import type { ShadowOptions } from '../../shadow-options.ts'
import { selectEntries } from '../../snapshot/format-snapshot.ts'
import { dump, dumpBase } from '../../snapshot/take-snapshot.ts'
import type { TargetFacts } from '../target/target.ts'
import { createRoles } from './create-roles.ts'
import { runTolerantly } from './run-tolerantly.ts'
import { writeDifferences } from './write-difference.ts'

/** How a copy is made. */
export interface CopyOptions {
  readonly target: TargetFacts
  /** The schema of the tracking tables. */
  readonly trackingSchema: string
  readonly shadow: Omit<ShadowOptions, 'migrations'>
  readonly scope: CatalogScope
  readonly owners?: 'ignored' | 'compared' | undefined
  readonly accepted?: readonly AcceptedDrift[] | undefined
  /** Texts in which roles of the target are named. */
  readonly texts: readonly string[]
  /** Opens a session of the target for `pg_dump`. */
  readonly openWire?: (() => Promise<Wire>) | undefined
  readonly secretKey: string
}

/** A shadow that has the schema of the target. */
export interface TargetCopy {
  /** Closed by the caller. */
  readonly shadow: Shadow
  /** What of the target is not as its migrations make it. */
  readonly drift: DriftReport
  /** What the copy does not have as the target has it: from the target to the copy. */
  readonly differences: readonly CatalogDifference[]
}

/** Later statements may need what an earlier one could not make yet. */
const MAX_ROUNDS = 4

/**
 * Makes a shadow as the target is: what it says is applied runs again, or `pg_dump` says what it has, and then what
 * differs from its catalog is made as far as the catalog tells how. The same run shows the drift.
 */
export async function buildCopy(options: CopyOptions): Promise<TargetCopy> {
  const { target, trackingSchema, secretKey } = options
  const shadowOptions = { ...options.shadow, schema: trackingSchema }
  const replayed = await replayStored(shadowOptions, target.stored)
  let shadow = replayed.shadow
  try {
    const comparable = comparableCatalogs({
      scope: { ...options.scope, trackingSchema },
      found: target.catalog,
      versions: [target.serverVersion, shadow.serverVersion],
    })
    const expected = comparable(await readShadow(shadow, secretKey))
    const found = comparable(target.catalog)
    const drift = await compareWithReplayed(options, {
      replayed,
      comparable,
      expected,
      found,
      secretKey,
      serverVersion: target.serverVersion,
      schema: trackingSchema,
    })
    if (options.openWire !== undefined) {
      const empty = await openShadow(shadowOptions)
      await shadow.close()
      shadow = empty
    }
    const read = async () => comparable(await readShadow(shadow, secretKey))
    await fill(shadow, options)
    const made = options.openWire === undefined ? expected : await read()
    const differences = await complete(shadow, { made, found, read, target: target.catalog })
    return { shadow, drift, differences: differences.map(seenFromTarget) }
  } catch (error) {
    await shadow.close()
    throw error
  }
}

function seenFromTarget(difference: CatalogDifference): CatalogDifference {
  if (difference.change === 'changed')
    return {
      ...difference,
      facets: difference.facets.map(({ facet, before, after }) => ({ facet, before: after, after: before })),
    }
  return { ...difference, change: difference.change === 'added' ? 'removed' : 'added' }
}

/** Roles, and what `pg_dump` says where it is asked. */
async function fill(shadow: Shadow, { target, texts, openWire, trackingSchema }: CopyOptions): Promise<void> {
  const connection = await shadow.connect()
  try {
    await createRoles(connection, target.roles, { catalog: target.catalog, texts })
    if (openWire !== undefined) {
      await runTolerantly(connection, await dumpStatements(shadow, openWire, trackingSchema))
    }
  } finally {
    await connection.close()
  }
}

interface Completing {
  /** What the copy has, and what the target has, comparable. */
  readonly made: Catalog
  readonly found: Catalog
  /** Reads what the copy has now. */
  readonly read: () => Promise<Catalog>
  /** The catalog of the target as it is. */
  readonly target: Catalog
}

/** Makes what differs, as far as the catalog tells how; gives what is left. */
async function complete(
  shadow: Shadow,
  { made, found, read, target }: Completing,
): Promise<readonly CatalogDifference[]> {
  const compare = (catalog: Catalog) => compareCatalogs(catalog, found, { ignoredFacets: OWNER_FACETS })
  let differences = compare(made)
  for (let round = 0; round < MAX_ROUNDS && differences.length > 0; round += 1) {
    const ran = await bringNearer(shadow, differences, target)
    const left = ran === 0 ? differences : compare(await read())
    if (sameDifferences(left, differences)) return left
    differences = left
  }
  return differences
}

async function bringNearer(
  shadow: Shadow,
  differences: readonly CatalogDifference[],
  target: Catalog,
): Promise<number> {
  const statements = writeDifferences(differences, target)
  if (statements.length === 0) return 0
  const connection = await shadow.connect()
  try {
    return await runTolerantly(connection, statements)
  } finally {
    await connection.close()
  }
}

function sameDifferences(a: readonly CatalogDifference[], b: readonly CatalogDifference[]): boolean {
  const text = (list: readonly CatalogDifference[]) =>
    JSON.stringify(list, (_, value: unknown) => (value instanceof Map ? [...value] : value))
  return a.length === b.length && text(a) === text(b)
}

/** What the target has, as `pg_dump` writes it, without what a service manages there. */
async function dumpStatements(
  shadow: Shadow,
  openWire: () => Promise<Wire>,
  trackingSchema: string,
): Promise<readonly string[]> {
  const { settings, entries } = selectEntries({
    dump: await dump({ openWire }, UNREAD_SCHEMAS),
    emptyDump: await dumpBase(shadow, UNREAD_SCHEMAS),
    trackingSchema,
  })
  return [...settings, ...entries.filter((entry) => !isManaged(entry)).map(({ sql }) => sql), 'RESET ALL']
}
