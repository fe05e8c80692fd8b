import {
  type Catalog,
  type CatalogDifference,
  compareCatalogs,
  type Migration,
  type MigrationId,
  readCatalog,
  scopeCatalog,
  type TidemarkError,
} from '@tidemark/core'
import { applyOne } from '../check/trial/apply-one.ts'
import { runsInTrial } from '../check/trial/run-section.ts'
import { type TracedStatement, traceSection } from '../check/trial/trace-section.ts'
import type { Shadow, ShadowEngineKind } from '../port/shadow.ts'

/** Options of {@link followSchema}. */
export interface FollowSchemaOptions {
  /** In plan order. */
  readonly migrations: readonly Migration[]
  /** Opens a shadow with some of the migrations, such as `openShadow` with the options of the project. */
  readonly open: (migrations: readonly Migration[]) => Promise<Shadow>
  /** Called before each migration; `done` is how many are behind. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  readonly signal?: AbortSignal | undefined
}

/** What one migration made of the schema. */
export interface SchemaStep {
  readonly migrationId: MigrationId
  /** Against the schema right before it; empty where it was not executed or changes only data. */
  readonly differences: readonly CatalogDifference[]
  /** What each statement did; empty where it cannot run in one transaction. */
  readonly statements: readonly TracedStatement[]
  /** What it failed with; null when it did not. */
  readonly failure: TidemarkError | null
  /** Why it was not executed; null when it was. */
  readonly notExecuted: string | null
}

/** How a schema came to be, migration by migration. */
export interface SchemaEvolution {
  readonly shadow: { readonly engine: ShadowEngineKind; readonly serverVersion: string }
  /** One for each migration, in the same order. */
  readonly steps: readonly SchemaStep[]
}

/**
 * Executes migrations one by one on an empty shadow, and tells what each makes of the schema and what its statements
 * lock, rewrite and read. What depends on one that fails is not executed.
 *
 * @throws TidemarkError TM5031 and the like when no shadow starts; the signal's reason.
 * @example
 * const { steps } = await followSchema({ migrations, open: (some) => openShadow({ migrations: some }) })
 * steps[0]?.differences // [{ change: 'added', object: { kind: 'table', id: 'public.users', … }, … }]
 */
export async function followSchema(options: FollowSchemaOptions): Promise<SchemaEvolution> {
  const shadow = await options.open([])
  try {
    const { engine, serverVersion } = shadow
    return { shadow: { engine, serverVersion }, steps: await follow(shadow, options) }
  } finally {
    await shadow.close()
  }
}

async function follow(shadow: Shadow, options: FollowSchemaOptions): Promise<readonly SchemaStep[]> {
  const { migrations, onProgress, signal } = options
  const unknown = new Set<MigrationId>()
  const steps: SchemaStep[] = []
  let before = await readSchema(shadow)
  for (const [done, migration] of migrations.entries()) {
    signal?.throwIfAborted()
    onProgress?.({ done, total: migrations.length })
    const lacking = migration.header.dependsOn.find((id) => unknown.has(id))
    if (lacking !== undefined) {
      unknown.add(migration.id)
      steps.push(notExecuted(migration.id, `depends on "${lacking}", which was not executed`))
      continue
    }
    const statements = await trace(shadow, migration)
    const failure = await applyOne(shadow, migration)
    const skipped = shadow.notChecked.find(({ migrationId }) => migrationId === migration.id)
    if (failure !== null || skipped !== undefined) unknown.add(migration.id)
    const after = failure === null && skipped === undefined ? await readSchema(shadow) : before
    steps.push({
      migrationId: migration.id,
      differences: after === before ? [] : compareCatalogs(before, after),
      statements: skipped === undefined ? statements : [],
      failure,
      notExecuted: skipped?.why ?? null,
    })
    before = after
  }
  return steps
}

function notExecuted(migrationId: MigrationId, why: string): SchemaStep {
  return { migrationId, differences: [], statements: [], failure: null, notExecuted: why }
}

async function trace(shadow: Shadow, migration: Migration): Promise<readonly TracedStatement[]> {
  if (!runsInTrial(migration, migration.up)) return []
  const { statements } = await shadow.inRolledBackTransaction((connection) =>
    traceSection(connection, migration, 'up'),
  )
  return statements
}

async function readSchema(shadow: Shadow): Promise<Catalog> {
  const connection = await shadow.connect()
  try {
    return scopeCatalog(await readCatalog(connection), { trackingSchema: shadow.schema })
  } finally {
    await connection.close()
  }
}
