import type { MigrationHeader } from '../migration/model/migration.ts'

/** What is known of a file whose bytes were parsed before without anything to say of them. */
export interface KnownFile {
  /** SHA-256 of the bytes as they are, 64 lower-case hex digits. */
  readonly digest: string
  /** That of the normalised text: another one where the file has CRLF or a BOM. */
  readonly checksum: string
  readonly header: MigrationHeader
}

/**
 * Remembers from one reading to the next which files need not be parsed again. An implementation keeps
 * what different code parsed, or for another tracking schema, apart.
 */
export interface KnownFiles {
  /** What is known of the file with this id, whatever its bytes were. */
  find(id: string): KnownFile | undefined
  /**
   * Called at the end of each reading that parsed something, with all files that have no problem and no note,
   * by id.
   *
   * @param parsed how many of them were not known before.
   */
  keep(files: ReadonlyMap<string, KnownFile>, parsed: number): void
}
