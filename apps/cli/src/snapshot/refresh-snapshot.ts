import { TidemarkError } from '@tidemark/core'
import { type SnapshotSettings, writeSnapshot } from './write-snapshot.ts'

/** What {@link refreshSnapshot} came to; undefined where no file is configured, or this is not development. */
export type SnapshotRefresh =
  | { readonly kind: 'written' | 'unchanged'; readonly path: string }
  | { readonly kind: 'failed'; readonly path: string; readonly error: TidemarkError }

/**
 * Writes the configured snapshot after something was applied: in development only, where the file is edited
 * and committed. What goes wrong does not undo the run, so it is given back.
 */
export async function refreshSnapshot(
  settings: SnapshotSettings & { readonly protected: boolean },
  signal: AbortSignal,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): Promise<SnapshotRefresh | undefined> {
  const { snapshot: path } = settings
  if (path === undefined || settings.protected || !isDevelopment(environment)) return undefined
  try {
    const { json } = await writeSnapshot(settings, { out: path, mode: 'write', signal })
    return { kind: json.state === 'written' ? 'written' : 'unchanged', path: json.out ?? path }
  } catch (error) {
    if (error instanceof TidemarkError) return { kind: 'failed', path, error }
    throw error
  }
}

function isDevelopment(environment: Readonly<Record<string, string | undefined>>): boolean {
  const { NODE_ENV, CI, KUBERNETES_SERVICE_HOST } = environment
  return NODE_ENV !== 'production' && !CI && !KUBERNETES_SERVICE_HOST
}
