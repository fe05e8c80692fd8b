import {
  buildGraph,
  type Diagnostic,
  DownVerdictSchema,
  err,
  isElsewhere,
  type Migration,
  MigrationIdSchema,
  ok,
  type Result,
  sha256Hex,
} from '@tidemark/core'
import * as z from 'zod'

/** The format that this version reads and writes. */
export const MANIFEST_VERSION = 1

/** What a gate must know of one migration. */
export const ManifestEntrySchema = z.strictObject({
  id: MigrationIdSchema,
  /** SHA-256 of the normalised file, 64 lower-case hex digits. */
  checksum: z.string().regex(/^[0-9a-f]{64}$/),
  blocking: z.boolean(),
  run: z.enum(['once', 'on_change']),
  replaces: z.array(MigrationIdSchema).readonly(),
  /** The environments that it is for; absent: all. */
  environments: z.array(z.string()).readonly().exactOptional(),
  /** What `tidemark check` showed of its `@down`; absent: not known. No part of the digest. */
  down: DownVerdictSchema.exactOptional(),
})
/** See {@link ManifestEntrySchema}. */
export type ManifestEntry = z.infer<typeof ManifestEntrySchema>

/** Ids and checksums of a set of migrations: all that a gate needs where there is no folder to read. */
export const ManifestSchema = z.strictObject({
  formatVersion: z.literal(MANIFEST_VERSION),
  /** See {@link digestManifest}. */
  digest: z.string(),
  /** The environment of a gate that names none itself. */
  environment: z.string().exactOptional(),
  /** In topological order. */
  migrations: z.array(ManifestEntrySchema).readonly(),
})
/** See {@link ManifestSchema}. */
export type Manifest = z.infer<typeof ManifestSchema>

/**
 * Makes the manifest of a set of migrations, in the order of their graph. A squash that is ignored, because
 * files it replaces are still there, is left out. Files for some environments are in it with their names. The
 * same files give the same manifest on every machine.
 *
 * @param options.environment what a gate that names no environment takes the manifest for.
 * @returns the manifest, or every problem of the graph.
 * @example
 * const read = await createDirectoryReader({ directory: 'migrations' }).readMigrations()
 * if (read.ok) createManifest(read.value.migrations)
 */
export function createManifest(
  migrations: readonly Migration[],
  { environment }: { readonly environment?: string | undefined } = {},
): Result<Manifest, readonly Diagnostic[]> {
  const graph = buildGraph(migrations, { elsewhere: 'included' })
  if (!graph.ok) return err(graph.error)
  const entries = graph.value.nodes.map(({ migration }) => describe(migration))
  return ok({
    formatVersion: MANIFEST_VERSION,
    digest: digestFor(entries, environment),
    ...(environment === undefined ? {} : { environment }),
    migrations: entries,
  })
}

/**
 * Gives the digest of a manifest's entries: SHA-256 over one line `id:checksum:blocking:run:replaces` each,
 * with `:environments` where it names some, sorted by bytes. It shows whether two builds need the same schema, and whether a manifest was edited by
 * hand.
 */
export function digestManifest(entries: readonly ManifestEntry[]): string {
  const lines = entries.map(({ id, checksum, blocking, run, replaces, environments }) => {
    const only = environments === undefined ? '' : `:${environments.join(',')}`
    return `${id}:${checksum}:${blocking ? 'blocking' : 'later'}:${run}:${replaces.join(',')}${only}\n`
  })
  return sha256Hex(lines.sort().join(''))
}

/** Gives the digest of a whole manifest: that of its entries, and with an environment, of both. */
export function digestFor(entries: readonly ManifestEntry[], environment: string | undefined): string {
  const digest = digestManifest(entries)
  return environment === undefined ? digest : sha256Hex(`${digest}:${environment}`)
}

/** What of a manifest counts in one environment, which it names. */
export interface EnvironmentManifest extends Manifest {
  /** What is for other environments. */
  readonly elsewhere: readonly ManifestEntry[]
}

/**
 * Sets apart what is for other environments: neither required nor changed there.
 *
 * @example forEnvironment(manifest, 'production').migrations.length
 */
export function forEnvironment(manifest: Manifest, environment: string | undefined): EnvironmentManifest {
  const name = environment ?? manifest.environment
  return {
    ...manifest,
    ...(name === undefined ? {} : { environment: name }),
    migrations: manifest.migrations.filter((entry) => !isElsewhere(entry, name)),
    elsewhere: manifest.migrations.filter((entry) => isElsewhere(entry, name)),
  }
}

function describe({ id, checksum, header, downVerdict }: Migration): ManifestEntry {
  const { blocking, run, replaces, environments } = header
  return {
    id,
    checksum,
    blocking,
    run,
    replaces,
    ...(environments === undefined ? {} : { environments }),
    ...(downVerdict === undefined ? {} : { down: downVerdict }),
  }
}
