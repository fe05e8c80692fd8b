import {
  buildGraph,
  type Catalog,
  compareCatalogs,
  describeCatalogDifference,
  type Migration,
  type MigrationId,
  refusedError,
  TidemarkError,
  type VariableValues,
} from '@tidemark/core'
import { type OpenShadow, openInterruptible, untilAborted } from '../port/interruptible.ts'
import { bindForShadow } from '../prefix/for-shadow.ts'
import { readSchema } from './observe/observe-migration.ts'

/** What {@link findOtherSchemas} compares. */
export interface SchemaComparison {
  /** Every migration of the project, as it was and as it is edited. */
  readonly before: readonly Migration[]
  readonly after: readonly Migration[]
  /** Those that are edited. */
  readonly ids: readonly MigrationId[]
  readonly variables?: VariableValues | undefined
  readonly open: OpenShadow
  readonly signal?: AbortSignal | undefined
}

/**
 * Executes a project as it was and as it is edited, and compares the schemas behind each edited migration.
 *
 * @returns why one is not the same, by the id of the edited migration; what fails is not the same either.
 * @throws TidemarkError what opening a shadow throws, and the code of a run when the project fails as it was.
 */
export async function findOtherSchemas(options: SchemaComparison): Promise<ReadonlyMap<MigrationId, string>> {
  const { signal } = options
  const comparison = { ...options, open: openInterruptible(options.open, signal) }
  const before = await untilAborted(readBehind(comparison, options.before), signal)
  const after = await untilAborted(readBehind(comparison, options.after), signal)
  if (before.failure !== null) throw before.failure.error
  const { failure } = after
  return new Map(
    options.ids.flatMap((id): readonly (readonly [MigrationId, string])[] => {
      const [old, now] = [before.schemas.get(id), after.schemas.get(id)]
      if (old === undefined || now === undefined) {
        const why = failure === null ? 'the shadow cannot execute it' : failure.error.message
        return [[id, why]]
      }
      const [difference] = compareCatalogs(old, now)
      return difference === undefined ? [] : [[id, describeCatalogDifference(difference)[0] ?? '']]
    }),
  )
}

interface Behind {
  readonly schemas: ReadonlyMap<MigrationId, Catalog>
  readonly failure: { readonly error: TidemarkError } | null
}

async function readBehind(
  { ids, variables, open, signal }: SchemaComparison,
  migrations: readonly Migration[],
): Promise<Behind> {
  const built = buildGraph(migrations.map((one) => bindForShadow(one, variables)))
  if (!built.ok) throw refusedError(built.error)
  const ordered = built.value.nodes.map(({ migration }) => migration)
  const first = ordered.findIndex(({ id }) => ids.includes(id))
  const schemas = new Map<MigrationId, Catalog>()
  const shadow = await open(ordered.slice(0, first))
  try {
    for (const migration of ordered.slice(first)) {
      signal?.throwIfAborted()
      await shadow.apply([migration])
      const isLeftOut = shadow.notChecked.some(({ migrationId }) => migrationId === migration.id)
      if (ids.includes(migration.id) && !isLeftOut) schemas.set(migration.id, await readSchema(shadow))
      if (schemas.size === ids.length) break
    }
    return { schemas, failure: null }
  } catch (error) {
    if (!(error instanceof TidemarkError)) throw error
    return { schemas, failure: { error } }
  } finally {
    await shadow.close()
  }
}
