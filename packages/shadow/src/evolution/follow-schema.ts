import {
  type Catalog,
  type CatalogDifference,
  compareCatalogs,
  type Migration,
  type MigrationId,
  type TidemarkError,
} from '@tidemark/core'
import { readSchema, readWithin } from '../check/observe/observe-migration.ts'
import { applyOne } from '../check/trial/apply-one.ts'
import { runsInTrial } from '../check/trial/run-section.ts'
import { type TracedStatement, traceSection } from '../check/trial/trace-section.ts'
import { type OpenShadow, openInterruptible, untilAborted } from '../port/interruptible.ts'
import type { Shadow, ShadowEngineKind } from '../port/shadow.ts'

/** Options of {@link followSchema}. */
export interface FollowSchemaOptions {
  /** In plan order. */
  readonly migrations: readonly Migration[]
  /** Opens a shadow with some of the migrations; a signal that is given to `openShadow` ends that, too. */
  readonly open: OpenShadow
  /** An earlier one: what comes before the first migration that is new or changed is taken from it. */
  readonly known?: SchemaEvolution | undefined
  /** Called before each migration; `done` is how many are behind. */
  readonly onProgress?: ((progress: { readonly done: number; readonly total: number }) => void) | undefined
  /** Ends what runs, with its reason. */
  readonly signal?: AbortSignal | undefined
}

/** What one migration made of the schema. */
export interface SchemaStep {
  readonly migrationId: MigrationId
  /** Of the migration's file. */
  readonly checksum: string
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
  const known = takeKnown(options)
  const open = openInterruptible(options.open, options.signal)
  return untilAborted(followOn(open, options, known), options.signal)
}

async function followOn(
  open: OpenShadow,
  options: FollowSchemaOptions,
  known: readonly SchemaStep[],
): Promise<SchemaEvolution> {
  const shadow = await open(options.migrations.slice(0, known.length))
  try {
    const { engine, serverVersion } = shadow
    return { shadow: { engine, serverVersion }, steps: await follow(shadow, options, known) }
  } finally {
    await shadow.close()
  }
}

/** What failed or was left out may do better now. */
function takeKnown({ migrations, known }: FollowSchemaOptions): readonly SchemaStep[] {
  const steps = known?.steps ?? []
  const length = migrations.findIndex(({ id, checksum }, place) => {
    const step = steps[place]
    const isSame = step?.migrationId === id && step.checksum === checksum
    return !isSame || step.failure !== null || step.notExecuted !== null
  })
  return steps.slice(0, length === -1 ? migrations.length : length)
}

async function follow(
  shadow: Shadow,
  { migrations, onProgress, signal }: FollowSchemaOptions,
  known: readonly SchemaStep[],
): Promise<readonly SchemaStep[]> {
  const unknown = new Set<MigrationId>()
  const steps = [...known]
  let before = await readSchema(shadow)
  for (const [done, migration] of migrations.entries()) {
    if (done < known.length) continue
    signal?.throwIfAborted()
    onProgress?.({ done, total: migrations.length })
    const lacking = migration.header.dependsOn.find((id) => unknown.has(id))
    if (lacking !== undefined) {
      unknown.add(migration.id)
      steps.push(notExecuted(migration, `depends on "${lacking}", which was not executed`))
      continue
    }
    const trial = await tryOut(shadow, migration)
    const failure = await applyOne(shadow, migration)
    const skipped = shadow.notChecked.find(({ migrationId }) => migrationId === migration.id)
    if (failure !== null || skipped !== undefined) unknown.add(migration.id)
    const isApplied = failure === null && skipped === undefined
    const after = isApplied ? (trial.after ?? (await readSchema(shadow))) : before
    steps.push({
      migrationId: migration.id,
      checksum: migration.checksum,
      differences: after === before ? [] : compareCatalogs(before, after),
      statements: skipped === undefined ? trial.statements : [],
      failure,
      notExecuted: skipped?.why ?? null,
    })
    before = after
  }
  return steps
}

function notExecuted({ id, checksum }: Migration, why: string): SchemaStep {
  return { migrationId: id, checksum, differences: [], statements: [], failure: null, notExecuted: why }
}

interface TriedMigration {
  readonly statements: readonly TracedStatement[]
  /** Null where it has to be looked at once the migration is applied. */
  readonly after: Catalog | null
}

async function tryOut(shadow: Shadow, migration: Migration): Promise<TriedMigration> {
  if (!runsInTrial(migration, migration.up)) return { statements: [], after: null }
  return shadow.keepTrial(migration, async (connection) => {
    const { statements, failure } = await traceSection(connection, migration, 'up')
    return { statements, failure, after: failure === null ? await readWithin(shadow, connection) : null }
  })
}
