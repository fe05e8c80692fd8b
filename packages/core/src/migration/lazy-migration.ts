import type { SourceFile } from '../text/source-file.ts'
import type { Migration, MigrationHeader } from './model/migration.ts'
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
export function lazyMigration(
  { path, readText, checksum, header }: LazyFile,
  options: ParseMigrationOptions = {},
): Migration {
  const source = lateSource(path, readText)
  let parsed: Migration | undefined
  const parse = (): Migration => {
    if (parsed !== undefined) return parsed
    const result = parseMigration(source, options)
    if (!result.ok) throw new TypeError(`"${path}" was recalled as a file without problems`)
    parsed = result.value.migration
    return parsed
  }
  // Getters of the object itself: a copy that is spread has what they give.
  return {
    id: idFromPath(path),
    source,
    header,
    checksum,
    get dependsOnSpans() {
      return parse().dependsOnSpans
    },
    get replacesSpans() {
      return parse().replacesSpans
    },
    get up() {
      return parse().up
    },
    get down() {
      return parse().down
    },
    get verify() {
      return parse().verify
    },
  }
}

function lateSource(path: string, readText: () => string): SourceFile {
  let text: string | undefined
  return {
    path,
    get text() {
      text ??= readText()
      return text
    },
  }
}
