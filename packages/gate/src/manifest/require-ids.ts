import { nameEnvironments, suggest, TidemarkError } from '@tidemark/core'
import type { EnvironmentManifest } from './manifest.ts'

/**
 * Checks ids that were written by hand against the manifest. An exact id wins; a replaced id means the squash
 * that replaces it.
 *
 * @throws TidemarkError TM2007 naming the id that does not exist, and the one that was probably meant; or the
 *   environments that it is for.
 */
export function requireIds(manifest: EnvironmentManifest, ids: readonly string[]): ReadonlySet<string> {
  const names = new Map<string, string>()
  for (const { id, replaces } of manifest.migrations) for (const replaced of replaces) names.set(replaced, id)
  for (const { id } of manifest.migrations) names.set(id, id)
  return new Set(ids.map((id) => names.get(id) ?? refuse(id, manifest, [...names.keys()])))
}

function refuse(
  id: string,
  { environment, elsewhere }: EnvironmentManifest,
  known: readonly string[],
): never {
  const other = elsewhere.find((entry) => entry.id === id || entry.replaces.includes(id))
  if (other !== undefined) {
    const here = environment === undefined ? 'this one, which has no name' : `"${environment}"`
    throw new TidemarkError({
      code: 'TM2007',
      message: `the gate requires "${id}", which is for other environments (${nameEnvironments(other)}) than ${here}`,
      help: `require it only where the gate has environment: "${other.environments?.[0] ?? ''}"`,
    })
  }
  const near = suggest(id, known)
  throw new TidemarkError({
    code: 'TM2007',
    message: `the gate requires "${id}", which does not exist`,
    help: near === undefined ? 'name the migration by its file name without .sql' : `did you mean "${near}"?`,
  })
}
