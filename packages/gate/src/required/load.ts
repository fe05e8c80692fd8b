import {
  type Diagnostic,
  formatDiagnostic,
  type MigrationReader,
  type Result,
  TidemarkError,
} from '@tidemark/core'
import { openPath } from '#folder'
import type { GateSettings } from '../options.ts'
import { createManifest, type Manifest } from './manifest.ts'
import { readManifest } from './read-manifest.ts'

/**
 * Gets the manifest of whatever the application named. A manifest is checked at once; a path is looked at at once and read behind
 * the promise, as a reader is.
 *
 * @throws TidemarkError TM7060, TM7061 for a manifest, TM7062 for a path that cannot be read; the promise rejects with the first
 *   problem's code when files are wrong.
 */
export function loadManifest({
  migrations,
  schema,
}: Pick<GateSettings, 'migrations' | 'schema'>): Manifest | Promise<Manifest> {
  if (typeof migrations === 'string') {
    const opened = openPath(migrations, schema)
    return opened.kind === 'manifest'
      ? readManifest(opened.value, migrations)
      : opened.read().then((reader) => readAll(reader))
  }
  if (isReader(migrations)) return readAll(migrations)
  return readManifest(migrations, 'the manifest')
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
