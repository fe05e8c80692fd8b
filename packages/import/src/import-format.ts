import { type ForeignFile, hasText, type ReadForeignFiles } from './foreign/foreign-project.ts'
import type { FormatHistory } from './history/history.ts'

/**
 * A tool whose migrations can be imported: all that is known about it. One file in `formats/` each, listed in
 * `formats.ts`; `test/conformance.test.ts` says what every format must do.
 */
export interface ImportFormat {
  /** The tool, as people write it. */
  readonly title: string
  /** Where its files usually are, from the folder of the project, the likeliest first. */
  readonly folders: readonly string[]
  /** Files that exist as soon as a project is set up, before the first migration. */
  readonly signs?: readonly string[]
  /**
   * Finds the folder that the configuration names, in the text of the first of `signs` that exists. It is
   * never executed.
   */
  readonly findFolder?: (config: string) => string | undefined
  /** Files besides `*.sql` whose text it needs, by their names in its folder. */
  readonly reads?: RegExp
  /**
   * Files and folders beside its folder that belong to the tool. Their names begin with `../`, their texts
   * are not read.
   */
  readonly beside?: readonly string[]
  /**
   * A tool whose files may lie in the folder of the whole project: a file that says so, and which files and
   * folders beside that file are the tool's. Nothing else there is looked at.
   */
  readonly amid?: { readonly sign: string; readonly belongs: RegExp }
  /** Says whether a folder is this tool's. Formats are asked in the order of `RECOGNITION_ORDER`. */
  readonly recognizes: (folder: ForeignFolder) => boolean
  /**
   * Its files say themselves where each section begins: one that does not, and is named as a way back, is not
   * a migration.
   */
  readonly hasMarks?: boolean
  /** Its layout says which way each file goes, whatever else the names of its files have in them. */
  readonly hasDirections?: boolean
  /** Formats that a folder of this tool may be taken for, since its files need not have a mark. */
  readonly looksLike?: readonly string[]
  /** Files that it keeps for itself, by their names in its folder: they are not reported. */
  readonly keeps?: RegExp
  readonly read: ReadForeignFiles
  /** Undefined for a tool that keeps no table in the database. */
  readonly history: FormatHistory | undefined
}

/** A folder to recognise. */
export interface ForeignFolder {
  /** With `/`. */
  readonly path: string
  readonly files: readonly ForeignFile[]
}

/** Says whether a file has such a name in the folder. */
export function hasName({ files }: ForeignFolder, pattern: RegExp): boolean {
  return files.some(({ name }) => pattern.test(name))
}

/** Says whether a SQL file contains such a text. */
export function hasSql({ files }: ForeignFolder, pattern: RegExp): boolean {
  return files.some((file) => hasText(file) && file.name.endsWith('.sql') && pattern.test(file.text))
}
