import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { type MigrationReader, TidemarkError } from '@tidemark/core'

/** What a path holds: a manifest, or a folder whose reader is loaded on demand. */
export type OpenedPath =
  | { readonly kind: 'manifest'; readonly value: unknown }
  | { readonly kind: 'folder'; readonly read: () => Promise<MigrationReader> }

/**
 * Opens a path when the gate is made, so that a wrong one is found then.
 *
 * @param schema the schema of the tracking tables, which no file may drop.
 * @throws TidemarkError TM7062 when this process cannot read the path, or the file is not JSON.
 */
export function openPath(path: string, schema: string): OpenedPath {
  try {
    if (!statSync(path).isDirectory())
      return { kind: 'manifest', value: JSON.parse(readFileSync(path, 'utf8')) }
    accessSync(path, constants.R_OK | constants.X_OK)
  } catch (error) {
    throw describeUnreadable(path, error)
  }
  return {
    kind: 'folder',
    read: async () =>
      (await import('@tidemark/core/node')).createDirectoryReader({ directory: path, schema }),
  }
}

function describeUnreadable(path: string, cause: unknown): TidemarkError {
  return new TidemarkError({
    code: 'TM7062',
    message: `the gate cannot read its migrations from "${path}": ${cause instanceof Error ? cause.message : cause}`,
    help: 'paths are relative to the working directory; if no folder is shipped, pass a manifest (tidemark manifest --out schema.json)',
    cause,
  })
}
