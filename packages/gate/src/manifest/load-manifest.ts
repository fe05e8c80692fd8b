import {
  type Diagnostic,
  formatDiagnostic,
  type MigrationReader,
  type Result,
  TidemarkError,
} from '@tidemark/core'
import { openPath } from '#folder'
import { createManifest, type Manifest } from './manifest.ts'
import { type ManifestDocument, readManifest } from './read-manifest.ts'

/** Where a gate gets its migrations from: a folder, a manifest's file (`.json`), a manifest, or a reader. */
export type MigrationSource = string | ManifestDocument | MigrationReader

/**
 * Loads the manifest of what the application named. A manifest is checked before this returns. So is a path,
 * whose folder is then read asynchronously, as a reader is.
 *
 * @param schema the schema of the tracking tables, which no migration may drop.
 * @throws TidemarkError TM7060, TM7061 for a manifest, TM7062 for a path that cannot be read; the promise
 *   rejects with the first problem's code when files are wrong.
 */
export function loadManifest(source: MigrationSource, schema: string): Manifest | Promise<Manifest> {
  if (typeof source === 'string') {
    const opened = openPath(source, schema)
    return opened.kind === 'manifest' ? readManifest(opened.value, source) : opened.read().then(readAll)
  }
  return isReader(source) ? readAll(source) : readManifest(source, 'the manifest')
}

function isReader(value: object): value is MigrationReader {
  return 'readMigrations' in value && typeof value.readMigrations === 'function'
}

async function readAll(reader: MigrationReader): Promise<Manifest> {
  const { migrations } = unwrap(await reader.readMigrations())
  return unwrap(createManifest(migrations))
}

function unwrap<T>(result: Result<T, readonly Diagnostic[]>): T {
  if (result.ok) return result.value
  const [first, ...others] = result.error
  if (first === undefined) throw new TypeError('a failure without a problem')
  const more = others.length === 0 ? '' : ` (and ${others.length} more)`
  throw new TidemarkError({
    code: first.code,
    message: `the gate cannot read its migrations${more}:\n${formatDiagnostic(first)}`,
    help: 'tidemark validate lists every problem',
    diagnostics: result.error,
  })
}
