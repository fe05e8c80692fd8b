import type { SourceFile } from '../text/source-file.ts'
import type { Span } from '../text/span.ts'
import type { Migration, MigrationHeader, MigrationId, MigrationSection } from './model/migration.ts'
import { idFromPath } from './model/migration-id.ts'
import { type ParseMigrationOptions, parseMigration } from './parse-migration.ts'

/** A file that was parsed before, by this very code, and in which nothing was found wrong. */
export interface LazyFile {
  /** As messages name it. */
  readonly path: string
  /** Gives the file's normalised text; called when something of it is asked for. */
  readonly readText: () => string
  readonly checksum: string
  readonly header: MigrationHeader
}

/**
 * Makes the migration of a file that was parsed before, without parsing it again: its text and sections are
 * read when they are first asked for, which a plan with nothing to do never does.
 *
 * @throws TypeError, from a section, when the text cannot be parsed: then it was not what it was recalled as.
 * @example lazyMigration({ path, readText, checksum, header }).up.statements.length // parses now
 */
export function lazyMigration(file: LazyFile, options: ParseMigrationOptions = {}): Migration {
  return new LazyMigration(file, options)
}

class LazyMigration implements Migration {
  readonly id: MigrationId
  readonly source: SourceFile
  readonly header: MigrationHeader
  readonly checksum: string
  readonly #options: ParseMigrationOptions
  #parsed: Migration | undefined

  constructor({ path, readText, checksum, header }: LazyFile, options: ParseMigrationOptions) {
    this.id = idFromPath(path)
    this.source = new LateSource(path, readText)
    this.header = header
    this.checksum = checksum
    this.#options = options
  }

  get dependsOnSpans(): readonly Span[] {
    return this.#parse().dependsOnSpans
  }

  get replacesSpans(): readonly Span[] {
    return this.#parse().replacesSpans
  }

  get up(): MigrationSection {
    return this.#parse().up
  }

  get down(): MigrationSection | undefined {
    return this.#parse().down
  }

  get verify(): MigrationSection | undefined {
    return this.#parse().verify
  }

  #parse(): Migration {
    if (this.#parsed !== undefined) return this.#parsed
    const parsed = parseMigration(this.source, this.#options)
    if (!parsed.ok) throw new TypeError(`"${this.source.path}" was recalled as a file without problems`)
    this.#parsed = parsed.value.migration
    return this.#parsed
  }
}

class LateSource implements SourceFile {
  readonly path: string
  readonly #readText: () => string
  #text: string | undefined

  constructor(path: string, readText: () => string) {
    this.path = path
    this.#readText = readText
  }

  get text(): string {
    this.#text ??= this.#readText()
    return this.#text
  }
}
