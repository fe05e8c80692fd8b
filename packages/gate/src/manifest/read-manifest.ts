import { TidemarkError } from '@tidemark/core'
import { digestFor, MANIFEST_VERSION, type Manifest, ManifestSchema } from './manifest.ts'

/** A manifest as TypeScript sees an imported JSON file; it is checked when the gate is made. */
export interface ManifestDocument {
  readonly formatVersion: number
  readonly digest: string
  readonly environment?: string
  readonly migrations: readonly {
    readonly id: string
    readonly checksum: string
    readonly blocking: boolean
    readonly run: string
    readonly replaces: readonly string[]
    readonly environments?: readonly string[]
    readonly down?: { readonly verdict: string; readonly details: readonly string[] }
  }[]
}

/**
 * Reads a manifest from a value that is not checked yet: parsed JSON, or a module's export.
 *
 * @param name what messages call it, such as the file's path.
 * @throws TidemarkError TM7060 when it is not a manifest or was edited by hand, TM7061 when its format is
 *   another version's.
 */
export function readManifest(value: unknown, name: string): Manifest {
  refuseOtherVersion(value, name)
  const parsed = ManifestSchema.safeParse(value)
  if (!parsed.success) throw notAManifest(name, describeIssue(parsed.error.issues[0]))
  if (digestFor(parsed.data.migrations, parsed.data.environment) !== parsed.data.digest) {
    throw notAManifest(name, 'its digest does not match its migrations')
  }
  return parsed.data
}

function refuseOtherVersion(value: unknown, name: string): void {
  const found = typeof value === 'object' && value !== null && 'formatVersion' in value && value.formatVersion
  if (typeof found !== 'number' || found === MANIFEST_VERSION) return
  throw new TidemarkError({
    code: 'TM7061',
    message: `${name} has manifest format ${found}; this version reads format ${MANIFEST_VERSION}`,
    help: 'write it with the version of Tidemark that the application uses: tidemark manifest --out FILE',
  })
}

function describeIssue(
  issue: { readonly path: readonly PropertyKey[]; readonly message: string } | undefined,
) {
  const place = issue === undefined || issue.path.length === 0 ? '' : `${issue.path.map(String).join('.')}: `
  return `${place}${issue?.message ?? 'not an object'}`
}

function notAManifest(name: string, reason: string): TidemarkError {
  return new TidemarkError({
    code: 'TM7060',
    message: `${name} is not a manifest of Tidemark: ${reason}`,
    help: 'write it again: tidemark manifest --out FILE',
  })
}
