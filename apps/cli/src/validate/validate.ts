import {
  type Diagnostic,
  findCaseTwins,
  findPublicNames,
  findTypeContradiction,
  findUnknownEnvironments,
  listHeads,
  type MigrationId,
  sortDiagnostics,
  TidemarkError,
} from '@tidemark/core'
import type { Settings } from '../config/settings.ts'
import { readProject } from '../project/read-project.ts'
import { refuse } from '../project/refuse.ts'

/** What `validate` found when nothing refuses. */
export interface Validation {
  readonly paths: readonly string[]
  readonly heads: readonly MigrationId[]
  /** Warnings and notes. */
  readonly diagnostics: readonly Diagnostic[]
}

/**
 * Checks every file and the graph without a database.
 *
 * @param options.strict warnings refuse as well
 * @throws {TidemarkError} with all problems as its diagnostics.
 */
export async function validate(
  settings: Pick<
    Settings,
    'migrations' | 'schema' | 'folder' | 'environment' | 'environments' | 'variables' | 'usesSearchPaths'
  >,
  { strict }: { readonly strict: boolean },
): Promise<Validation> {
  const { graph, notes } = await readProject(settings)
  const migrations = [...graph.nodes.map(({ migration }) => migration), ...graph.elsewhere]
  const contradictions = migrations.flatMap((migration) => findTypeContradiction(migration) ?? [])
  const unknown = migrations.flatMap((migration) => findUnknownEnvironments(migration, settings.environments))
  const inPublic = settings.usesSearchPaths ? migrations.flatMap(findPublicNames) : []
  const warnings = [...findCaseTwins(migrations), ...contradictions, ...unknown, ...inPublic]
  const diagnostics = sortDiagnostics([...notes, ...warnings])
  if (strict && diagnostics.some(({ severity }) => severity === 'warning')) throw refuse(diagnostics)
  return {
    paths: migrations.map(({ source }) => source.path),
    heads: listHeads(graph).map(({ id }) => id),
    diagnostics,
  }
}

/** The diagnostics of a validation that failed; undefined for any other failure. */
export function diagnosticsOf(error: unknown): readonly Diagnostic[] | undefined {
  return error instanceof TidemarkError && error.diagnostics.length > 0 ? error.diagnostics : undefined
}
