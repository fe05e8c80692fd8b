import { sha256Hex } from '@tidemark/core'
import { digestManifest, type Manifest, type ManifestEntry } from '../src/index.ts'

/** One entry with defaults; its checksum is that of its id. */
export function entry(id: string, rest: Partial<ManifestEntry> = {}): ManifestEntry {
  return { id, checksum: sha256Hex(id), blocking: true, run: 'once', replaces: [], ...rest }
}

/** A manifest of these entries. */
export function manifestOf(...migrations: readonly ManifestEntry[]): Manifest {
  return { formatVersion: 1, digest: digestManifest(migrations), migrations }
}
